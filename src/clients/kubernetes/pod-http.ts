import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import pLimit from 'p-limit';
import { redact } from '../../model/redact.ts';
import { SourceError } from '../../model/sources.ts';
import type { Connection } from './connection.ts';
import { gaveUp, untilAborted } from './giving-up.ts';
import { openPortForward, type PodName } from './port-forward.ts';

export interface PodGetOptions {
  readonly maxBytes?: number;
  /** Connecting included. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface PodAnswer {
  readonly status: number;
  readonly body: string;
}

/** Reads from servers inside pods that listen on the pod's loopback only, as Envoy's admin interface does. */
export interface PodHttp {
  /**
   * GETs a path that only shows something. Whatever HTTP status comes is an answer.
   *
   * @throws SourceError; the signal's reason where the caller gave up.
   */
  get(pod: PodName, port: number, path: string, options?: PodGetOptions): Promise<PodAnswer>;
}

/** Paths of Envoy, ztunnel and pilot-agent that change nothing. Envoy has others that stop it or drain its connections. */
const readOnly: ReadonlySet<string> = new Set([
  '/certs',
  '/clusters',
  '/config_dump',
  '/listeners',
  '/ready',
  '/server_info',
  '/stats',
  '/stats/prometheus',
]);
const defaultMaxBytes = 64 << 20;
const defaultTimeoutMs = 10_000;
/** Each holds a connection to the API server and one from there to a kubelet. */
const defaultConcurrency = 6;

export function podHttp(connection: Connection, { concurrency = defaultConcurrency } = {}): PodHttp {
  const limit = pLimit(concurrency);
  return {
    async get(pod, port, path, { maxBytes = defaultMaxBytes, timeoutMs = defaultTimeoutMs, signal } = {}) {
      if (!readOnly.has(path.split('?', 1)[0] ?? '') || /[^\x21-\x7e]/.test(path)) {
        throw new Error(`${path} is not on the list of paths that may be read`);
      }
      const started = performance.now();
      const deadline = AbortSignal.timeout(timeoutMs);
      const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
      const place = `Port ${port} of pod ${pod.namespace}/${pod.name}`;
      const work = limit(async () => {
        const stream = await openPortForward(connection, pod, port, either);
        return exchange(stream, port, path, maxBytes, place, either).finally(() => stream.destroy());
      });
      try {
        return await untilAborted(work, either);
      } catch (error) {
        if (error !== either.reason) throw error;
        throw gaveUp(
          error,
          place,
          performance.now() - started,
          'Ask again; if it stays so, look at the node of the pod and its kubelet.',
        );
      }
    },
  };
}

async function exchange(
  stream: Duplex,
  port: number,
  path: string,
  maxBytes: number,
  place: string,
  signal: AbortSignal,
): Promise<PodAnswer> {
  try {
    const response = await respond(stream, port, path, signal);
    return { status: response.statusCode ?? 0, body: await readBody(response, maxBytes, place) };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    if (signal.aborted) throw signal.reason;
    const why = redact(error instanceof Error ? error.message : String(error))
      .trim()
      .split(': ')
      .at(-1)
      ?.slice(0, 200);
    throw new SourceError('unreachable', `${place} gave no answer: ${why}.`, {
      next: 'Check that the pod runs, and that something in it listens on that port.',
      cause: error,
    });
  }
}

function respond(stream: Duplex, port: number, path: string, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { host: `localhost:${port}`, connection: 'close', 'user-agent': 'meshbot' };
  const request = httpRequest({ createConnection: () => stream, method: 'GET', path, headers, signal });
  request.on('response', resolve).on('error', reject);
  request.end();
  return promise;
}

async function readBody(response: IncomingMessage, maxBytes: number, place: string): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > maxBytes) {
      throw new SourceError(
        'partial',
        `${place} sent more than ${Math.round(maxBytes / (1 << 20))} MB, more than I take.`,
        {
          next: 'Ask about less at once, or make the proxy see less with a Sidecar.',
        },
      );
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
