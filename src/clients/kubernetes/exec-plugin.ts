import { spawn } from 'node:child_process';
import { redact } from '../../model/redact.ts';
import { SourceError } from '../../model/sources.ts';
import type { Access, ExecPlugin } from './kubeconfig.ts';
import { mapOf, present, textOf, valueAt } from './values.ts';

/** What an exec plugin hands out. */
export interface ExecCredential {
  readonly token?: string;
  /** PEM. */
  readonly cert?: string;
  readonly key?: string;
  /** Milliseconds since 1970; `undefined`: until it is refused. */
  readonly expires?: number;
}

const timeoutMs = 30_000;
const maxOutput = 1 << 20;

/**
 * Runs the program that a kubeconfig names for credentials.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 * @throws SourceError `unauthenticated`. Its text never has what the program printed on standard output.
 */
export async function runExecPlugin(
  plugin: ExecPlugin,
  access: Access,
  ca: string | undefined,
): Promise<ExecCredential> {
  const info = execInfo(plugin, access, ca);
  const { code, stdout, stderr } = await run(plugin, { ...process.env, ...plugin.env, KUBERNETES_EXEC_INFO: info });
  if (code !== 0) {
    const said = redact(stderr).trim().replaceAll(/\s+/g, ' ').slice(0, 200);
    throw refused(plugin, `ended with status ${code}${said === '' ? '' : `: ${said}`}`);
  }
  const credential = readCredential(stdout);
  if (credential === undefined) throw refused(plugin, 'printed no ExecCredential with a token or a certificate');
  return credential;
}

function execInfo(plugin: ExecPlugin, access: Access, ca: string | undefined): string {
  const cluster = {
    server: access.server,
    'insecure-skip-tls-verify': access.insecure,
    ...present({
      'tls-server-name': access.servername,
      'proxy-url': access.proxyUrl,
      'certificate-authority-data': ca && Buffer.from(ca).toString('base64'),
    }),
  };
  const spec = { interactive: false, ...(plugin.provideClusterInfo && { cluster }) };
  return JSON.stringify({ kind: 'ExecCredential', apiVersion: plugin.apiVersion, spec });
}

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

function run(plugin: ExecPlugin, env: NodeJS.ProcessEnv): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const signal = AbortSignal.timeout(timeoutMs);
  const child = spawn(plugin.command, plugin.args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (part: string) => {
      if (output[name].length < maxOutput) output[name] += part;
    });
  }
  child.on('error', (cause: NodeJS.ErrnoException) => {
    const slow = signal.aborted ? `did not end within ${timeoutMs / 1000} s` : 'could not be started';
    reject(refused(plugin, cause.code === 'ENOENT' ? 'was not found' : slow, cause));
  });
  child.on('close', (code, killedBy) => resolve({ code: code ?? killedBy ?? 'unknown', ...output }));
  return promise;
}

function readCredential(stdout: string): ExecCredential | undefined {
  const status = mapOf(valueAt(parse(stdout), 'status'));
  const token = textOf(status.token);
  const cert = textOf(status.clientCertificateData);
  const key = textOf(status.clientKeyData);
  if (token === undefined && cert === undefined) return undefined;
  const expires = Date.parse(textOf(status.expirationTimestamp) ?? '');
  return present({ token, cert, key, expires: Number.isNaN(expires) ? undefined : expires });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refused({ command, installHint }: ExecPlugin, what: string, cause?: unknown): SourceError {
  return new SourceError(
    'unauthenticated',
    `The program that the kubeconfig names for credentials, ${command}, ${what}.`,
    {
      next: installHint?.trim() ?? `Run it by hand to see why, log in again, or choose another context.`,
      cause,
    },
  );
}
