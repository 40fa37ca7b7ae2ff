#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { fileSource } from './clients/files/file-source.ts';
import { readSnapshot } from './clients/files/snapshot.ts';
import { liveCluster } from './clients/kubernetes/live-cluster.ts';
import { answer, answerFrom, snapshotFor, topicOf } from './jobs/answer.ts';
import type { Severity } from './model/finding.ts';
import type { Report } from './model/report.ts';
import { type Cluster, SourceError, UsageError } from './model/sources.ts';
import { parseTarget } from './model/target.ts';
import { toJson } from './report/json.ts';
import { toMarkdown } from './report/markdown.ts';
import { toText } from './report/text.ts';
import { registerRights } from './rights.ts';
import { topics } from './topics/index.ts';

const exitCodes: Readonly<Record<Report['verdict'], number>> = { ok: 0, warning: 1, error: 1, unknown: 2 };
const usageExit = 3;

interface SourceOptions {
  readonly files?: readonly string[];
  readonly snapshot?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly from?: readonly string[];
  readonly timeout: number;
}

interface CheckOptions extends SourceOptions {
  readonly output: 'text' | 'json' | 'markdown';
}

function program(): Command {
  const meshbot = new Command('meshbot')
    .description('Answers questions about an Istio or OpenShift service mesh.')
    .version(version(), '-V, --version')
    .exitOverride()
    .showHelpAfterError('(meshbot --help says more)')
    .addHelpText('after', examples);
  withSource(meshbot.command('check'))
    .description('judge a namespace or a workload')
    .argument('<topic>', `what to ask about: ${topics.map(({ id }) => id).join(', ')}`)
    .argument('<target>', 'NAMESPACE or NAMESPACE/WORKLOAD')
    .addOption(
      new Option('-o, --output <format>', 'how to print it').choices(['text', 'json', 'markdown']).default('text'),
    )
    .action(check);
  withSource(meshbot.command('snapshot'))
    .description('save all evidence about a namespace as JSON; Secrets are never in it')
    .argument('<target>', 'NAMESPACE or NAMESPACE/WORKLOAD')
    .action(snapshot);
  meshbot
    .command('topics')
    .description('list what can be asked')
    .action(() => write(topics.map(({ id, question }) => `${id.padEnd(10)}${question}\n`).join('')));
  registerRights(meshbot);
  return meshbot;
}

const examples = `
Examples:
  meshbot check mtls bookinfo                        the cluster of your kubeconfig
  meshbot check mtls bookinfo/reviews-v1 -o json     one workload, for a program
  meshbot check mtls bookinfo --files manifests/     YAML files, or an unpacked must-gather
  meshbot snapshot bookinfo > s.json                 save the evidence ...
  meshbot check mtls bookinfo --snapshot s.json      ... and judge it again later

Exit status: 0 all is well, 1 there are findings, 2 something could not be seen, 3 wrong usage.`;

function withSource(command: Command): Command {
  return command
    .option(
      '-f, --files <path...>',
      'read YAML files, directories, or an unpacked must-gather instead of a cluster; - is standard input',
    )
    .addOption(new Option('--snapshot <file>', 'read a saved snapshot').conflicts(['files', 'kubeconfig', 'context']))
    .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, or in-cluster)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'what to call the cluster in the answer')
    .option('--from <namespaces>', 'also look at callers in these namespaces: NS,…', splitNames)
    .option('--timeout <seconds>', 'how long the answer may take', positive, 30);
}

async function check(topic: string, name: string, options: CheckOptions): Promise<void> {
  const started = performance.now();
  topicOf(topic);
  const report =
    options.snapshot === undefined ? await live(topic, name, options) : saved(topic, name, options.snapshot);
  const tookMs = performance.now() - started;
  const printed = { json: toJson, markdown: toMarkdown, text: (one: Report) => toText(one, { tookMs, paint }) };
  write(printed[options.output](report));
  process.exitCode = exitCodes[report.verdict];
}

async function live(topic: string, name: string, options: CheckOptions): Promise<Report> {
  return withCluster(options, async (cluster) => {
    const target = targetOf(name, cluster.name, options.from);
    const { report } = await answer(
      { topic, target },
      { cluster },
      { deadlineMs: options.timeout * 1000, onProgress: progress },
    );
    return report;
  });
}

function saved(topic: string, name: string, file: string): Report {
  const snapshot = readSnapshot(file);
  const target = targetOf(name, snapshot.target.cluster, snapshot.target.from);
  return answerFrom(snapshot, { topic, target });
}

async function snapshot(name: string, options: SourceOptions): Promise<void> {
  await withCluster(options, async (cluster) => {
    const target = targetOf(name, cluster.name, options.from);
    const taken = await snapshotFor(target, { cluster }, { deadlineMs: options.timeout * 1000, onProgress: progress });
    write(`${JSON.stringify(taken, null, 1)}\n`);
  });
}

async function withCluster<T>(options: SourceOptions, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  if (options.files !== undefined) return use(await fileSource(options.files));
  const { kubeconfig, context, cluster: name } = options;
  const cluster = await liveCluster({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(name !== undefined && { name }),
  });
  try {
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}

function targetOf(name: string, cluster: string, from: readonly string[] | undefined) {
  return { ...parseTarget(name), cluster, ...(from !== undefined && { from }) };
}

function splitNames(list: string): readonly string[] {
  return list.split(',').filter((name) => name !== '');
}

function positive(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw new InvalidArgumentError('Give seconds, up to 3600.');
}

const colours = { error: 'red', warning: 'yellow', unknown: 'magenta', info: 'cyan', ok: 'green' } as const;

function paint(severity: Severity, text: string): string {
  return styleText(colours[severity], text, { stream: process.stdout });
}

function progress({ done, of }: { readonly done: number; readonly of: number }): void {
  if (process.stderr.isTTY) process.stderr.write(done < of ? `\rlooking: ${done} of ${of}` : '\r\u001b[K');
}

function write(text: string): void {
  process.stdout.write(text);
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = exitOf(error);
}

function exitOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExit;
  if (error instanceof UsageError) {
    process.stderr.write(`meshbot: ${error.message}\n`);
    return usageExit;
  }
  if (error instanceof SourceError) {
    process.stderr.write(`meshbot: ${[error.message, error.next].filter(Boolean).join(' ')}\n`);
    return exitCodes.unknown;
  }
  process.stderr.write(
    `meshbot: unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return exitCodes.unknown;
}
