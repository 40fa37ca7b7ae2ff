import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { type Metrics, SourceError } from '../model/sources.ts';
import { networkFailure } from './kubernetes/network-failure.ts';
import { seconds } from './kubernetes/values.ts';
import { type Reply, readSeries, readStores } from './prometheus-reply.ts';

export interface PrometheusOptions {
  /** Of Prometheus or Thanos, without `/api/v1`. What stands after `?` is sent along, such as a tenant's namespace. */
  readonly url: string;
  readonly token?: string;
  /** Read for each query: tokens of service accounts rotate. */
  readonly tokenFile?: string;
  /** PEM file of the CA that signed its certificate; read for each query. Absent: the system's. */
  readonly caFile?: string;
  readonly deadlineMs?: number;
  readonly maxBytes?: number;
}

/** Prometheus, or Thanos in front of several. Every failure is a SourceError; no series means that there are none. */
export function prometheus(options: PrometheusOptions): Metrics & { close(): Promise<void> } {
  const { deadlineMs = 5_000 } = options;
  const base = new URL(options.url);
  const source = `${base.origin}${base.pathname.replace(/\/$/, '')}`;
  const agents = agentFor(options, source);
  return {
    source,
    query: async (promql, { signal } = {}) =>
      readSeries(await get(pathOf(base, 'query', { ...wholeAnswer, query: promql }), signal), source),
    async stores({ signal } = {}) {
      const reply = await get(pathOf(base, 'stores'), signal);
      return reply.status === 404 ? undefined : readStores(reply, source);
    },
    close: () => agents.close(),
  };

  async function get(path: string, given?: AbortSignal): Promise<Reply> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = given === undefined ? deadline : AbortSignal.any([given, deadline]);
    try {
      const { statusCode, headers, body } = await agents.agent().request({
        origin: base.origin,
        path,
        method: 'GET',
        headers: headersOf(base, options),
        signal,
      });
      return { status: statusCode, type: String(headers['content-type'] ?? ''), text: await body.text() };
    } catch (error) {
      throw failure(error, signal.aborted, { source, deadlineMs });
    }
  }
}

const reachNext =
  'Check its address (PROMETHEUS_URL) and its CA (PROMETHEUS_CA_FILE), and that no NetworkPolicy or proxy stands in between.';

function failure(error: unknown, aborted: boolean, about: { source: string; deadlineMs: number }): SourceError {
  if (error instanceof SourceError) return error;
  if (aborted) {
    return new SourceError('timeout', `${about.source} did not answer within ${seconds(about.deadlineMs)}.`, {
      next: 'Ask again; if it stays so, Prometheus is overloaded or does not get the request.',
      cause: error,
    });
  }
  const { reason, message } = networkFailure(error, about.source);
  return new SourceError(reason, message, { next: reachNext, cause: error });
}

/** Thanos answers from what it reaches unless it is told not to; Prometheus does not know the parameter. */
const wholeAnswer = { partial_response: 'false' };

function pathOf(base: URL, endpoint: 'query' | 'stores', parameters: Readonly<Record<string, string>> = {}): string {
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/${endpoint}`, base.origin);
  for (const [name, value] of base.searchParams) url.searchParams.append(name, value);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return `${url.pathname}${url.search}`;
}

function headersOf({ username, password }: URL, { token, tokenFile }: PrometheusOptions): Record<string, string> {
  const bearer = tokenFile === undefined ? token : readText(tokenFile, 'PROMETHEUS_TOKEN_FILE');
  const accept = { accept: 'application/json' };
  if (bearer !== undefined) return { ...accept, authorization: `Bearer ${bearer}` };
  if (username === '') return accept;
  const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { ...accept, authorization: `Basic ${Buffer.from(login).toString('base64')}` };
}

function readText(file: string, variable: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new SourceError('unauthenticated', `I cannot read ${file}, which ${variable} names.`, {
      next: 'Mount the file where the variable says, readable for this process.',
      cause,
    });
  }
}

/** A new CA gets new connections. */
function agentFor({ caFile, maxBytes = 32 << 20 }: PrometheusOptions, source: string) {
  let open: { readonly ca: string | undefined; readonly agent: Agent } | undefined;
  return {
    agent(): Agent {
      const ca = caFile === undefined ? undefined : readText(caFile, 'PROMETHEUS_CA_FILE');
      if (open?.ca === ca && open !== undefined) return open.agent;
      open?.agent.close().catch(() => undefined);
      const connect = { timeout: 5_000, ...(ca !== undefined && { ca }) };
      open = { ca, agent: new Agent({ connections: 4, allowH2: false, maxResponseSize: maxBytes, connect }) };
      return open.agent;
    },
    async close(): Promise<void> {
      await open?.agent.destroy(new Error(`${source} is no longer asked`));
      open = undefined;
    },
  };
}
