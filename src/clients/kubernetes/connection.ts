import { setTimeout as sleep } from 'node:timers/promises';
import type { Dispatcher } from 'undici';
import { SourceError } from '../../model/sources.ts';
import type { Environment } from './access.ts';
import { type ApiAnswer, readAnswer } from './answer.ts';
import { type CredentialSource, type Credentials, createCredentialSource, type Headers } from './credentials.ts';
import { gaveUp, untilAborted } from './giving-up.ts';
import type { Access } from './kubeconfig.ts';
import { isBrokenConnection, networkFailure } from './network-failure.ts';
import { createPool, type Pool } from './pool.ts';
import { isLoopback } from './proxy.ts';

export interface ClientLogger {
  debug(fields: object, message: string): void;
}

export interface ApiRequest {
  /** `GET` when left out. Only GETs are ever asked twice. */
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** From the root of the API: `/api/v1/pods`. Parts that come from outside are encoded by the caller. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** In lower case. Several values become several lines, as impersonation needs them. */
  readonly headers?: Headers;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
  /** For this request, its retries included. */
  readonly timeoutMs?: number;
}

/** Requests to one API server, over one pool of connections. */
export interface Connection {
  readonly server: string;
  /**
   * Answers whatever the API server says, refusals too: see {@link ApiAnswer}.
   *
   * @throws SourceError where no answer of a Kubernetes API came; the signal's reason where the caller gave up.
   */
  request(request: ApiRequest): Promise<ApiAnswer>;
  /** What a protocol other than plain requests needs: streams to pods. */
  stream(): Promise<{ readonly headers: Headers; readonly dispatcher: Dispatcher }>;
  close(): Promise<void>;
}

export interface ConnectionOptions {
  readonly env?: Environment;
  readonly logger?: ClientLogger;
  readonly timeoutMs?: number;
}

/** Large lists of a slow API server take several seconds a page. */
const defaultTimeoutMs = 20_000;
const maxRetries = 2;
const maxWaitMs = 5_000;

/** What one request needs of its connection. */
interface Line {
  readonly server: string;
  readonly credentials: CredentialSource;
  readonly pool: Pool;
  readonly compress: boolean;
  readonly logger: ClientLogger | undefined;
}

export function openConnection(
  access: Access,
  { env = process.env, logger, timeoutMs }: ConnectionOptions = {},
): Connection {
  const credentials = createCredentialSource(access);
  const pool = createPool(access, env);
  const compress = !isLoopback(new URL(access.server).hostname);
  const line = { server: access.server, credentials, pool, compress, logger };
  return {
    server: access.server,
    request: (request) => withDeadline(line, request, request.timeoutMs ?? timeoutMs ?? defaultTimeoutMs),
    async stream() {
      const current = await credentials.current();
      return { headers: current.headers, dispatcher: pool.dispatcher(current) };
    },
    close: () => pool.close(),
  };
}

async function withDeadline(line: Line, request: ApiRequest, timeoutMs: number): Promise<ApiAnswer> {
  const started = performance.now();
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([request.signal, deadline]);
  try {
    return await withRetries(line, request, signal, started + timeoutMs);
  } catch (error) {
    if (error instanceof SourceError) throw error;
    if (signal.aborted) throw gaveUp(signal.reason, line.server, performance.now() - started);
    throw networkFailure(error, line.server);
  }
}

async function withRetries(line: Line, request: ApiRequest, signal: AbortSignal, endsAt: number): Promise<ApiAnswer> {
  const mayRetry = (request.method ?? 'GET') === 'GET';
  let renewed = false;
  for (let retries = 0; ; retries++) {
    const tried = await once(line, request, signal);
    if ('answer' in tried && tried.answer.status === 401 && !renewed && line.credentials.renew()) {
      renewed = true;
      continue;
    }
    const wait = mayRetry && retries < maxRetries ? waitBeforeRetry(tried, retries) : undefined;
    if (wait === undefined || performance.now() + wait > endsAt) {
      if ('error' in tried) throw tried.error;
      return tried.answer;
    }
    line.logger?.debug(
      { path: request.path, wait, status: 'answer' in tried ? tried.answer.status : 'broken' },
      'asking the API server again',
    );
    await sleep(wait, undefined, { signal });
  }
}

type Tried = { readonly answer: ApiAnswer } | { readonly error: unknown };

/** Milliseconds, or `undefined` where asking again is no use. */
function waitBeforeRetry(tried: Tried, retries: number): number | undefined {
  const usual = 100 * 4 ** retries * (0.75 + Math.random() / 2);
  if ('error' in tried) return isBrokenConnection(tried.error) ? usual : undefined;
  const { status, retryAfterMs } = tried.answer;
  const busy = status === 429 || status === 503 || (status >= 500 && retryAfterMs !== undefined);
  if (!busy || (retryAfterMs ?? 0) > maxWaitMs) return undefined;
  return Math.max(retryAfterMs ?? 0, usual);
}

async function once(line: Line, request: ApiRequest, signal: AbortSignal): Promise<Tried> {
  signal.throwIfAborted();
  // Shared by all requests: who gives up only stops waiting.
  const credentials = await untilAborted(line.credentials.current(), signal);
  const started = performance.now();
  try {
    const response = await send(line, request, credentials, signal);
    const answer = await readAnswer(response, line.server);
    const { status } = answer;
    line.logger?.debug(
      { path: request.path, status, ms: Math.round(performance.now() - started) },
      'asked the API server',
    );
    return { answer };
  } catch (error) {
    if (signal.aborted || error instanceof SourceError) throw error;
    return { error };
  }
}

function send(
  line: Line,
  request: ApiRequest,
  credentials: Credentials,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { method = 'GET', path, query = {}, body } = request;
  const url = new URL(`${line.server}${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  const headers = {
    accept: 'application/json',
    'user-agent': 'meshbot',
    ...(line.compress && { 'accept-encoding': 'gzip' }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...credentials.headers,
    ...request.headers,
  } as Record<string, string | string[]>;
  return line.pool.dispatcher(credentials).request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method,
    headers,
    signal,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}
