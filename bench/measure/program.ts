import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { onEnd } from './ending.ts';

/** A Node program of this repository, running. */
export interface Program {
  /** From its start until it said that it is ready. */
  readonly startMs: number;
  /** Memory it holds now. Linux only. */
  rssMb(): number;
  /** Processor time it has used so far, in ms. Linux only. */
  cpuMs(): number;
  stop(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

const root = path.join(import.meta.dirname, '..', '..');
/** Linux counts processor time in these for every program. */
const tickMs = 10;
const startTimeoutMs = 60_000;

/** Starts a program and waits until it prints `ready`. */
export async function startProgram(file: string, ready: string, env: Env = {}): Promise<Program> {
  const begun = performance.now();
  const child = spawn(process.execPath, [path.join(root, file)], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = () => end(child);
  onEnd(stop);
  await saying(child, ready, file);
  const startMs = performance.now() - begun;
  return {
    startMs,
    rssMb: () => Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024,
    cpuMs: () => cpuTicks(readFileSync(`/proc/${child.pid}/stat`, 'utf8')) * tickMs,
    stop,
  };
}

/** Runs a program of this repository to its end; gives what it printed. */
export function runProgram(args: readonly string[], env: Env = {}): Promise<string> {
  return run(process.execPath, args, { cwd: root, env: { PATH: process.env.PATH, ...env } });
}

/** Runs any program to its end. Where it ends with another code than 0 that is no matter, if it ran at all. */
export function runTool(file: string, args: readonly string[]): Promise<string> {
  return run(file, args, { anyCode: true });
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly anyCode?: boolean;
}

function run(file: string, args: readonly string[], { anyCode = false, ...options }: RunOptions): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(file, args, { ...options, maxBuffer: 1 << 30 }, (error, stdout, stderr) => {
    if (error !== null && !(anyCode && typeof error.code === 'number')) {
      reject(
        new Error(`${path.basename(file)} ${args.join(' ')}: ${stderr.trim() || error.message}`, { cause: error }),
      );
    } else resolve(stdout);
  });
  const forget = onEnd(() => end(child));
  return promise.finally(forget);
}

async function saying(child: ChildProcess, ready: string, file: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let said: string | undefined = '';
  const timer = setTimeout(() => reject(new Error(`${file} did not start:\n${said}`)), startTimeoutMs);
  const hear = (chunk: Buffer): void => {
    if (said === undefined) return;
    said += String(chunk);
    if (said.includes(ready)) resolve();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  child.once('exit', () => reject(new Error(`${file} ended:\n${said}`)));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    said = undefined;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 8_000);
  await ended;
  clearTimeout(timer);
}

/** Fields 14 and 15 of `/proc/PID/stat`; the name in field 2 may hold anything, but ends with the last bracket. */
function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
