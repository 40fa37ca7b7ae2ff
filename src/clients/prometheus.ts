import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import { z } from 'zod';
import { redact } from '../model/redact.ts';
import { type Metrics, type MetricsAnswer, SourceError } from '../model/sources.ts';
import { networkFailure } from './kubernetes/network-failure.ts';
import { seconds } from './kubernetes/values.ts';

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
    async query(promql, { signal: given } = {}) {
      const deadline = AbortSignal.timeout(deadlineMs);
      const signal = given === undefined ? deadline : AbortSignal.any([given, deadline]);
      const [dispatcher, headers] = [agents.agent(), headersOf(base, options)];
      try {
        const {
          statusCode,
          headers: got,
          body,
        } = await dispatcher.request({
          origin: base.origin,
          path: pathOf(base, promql),
          method: 'GET',
          headers,
          signal,
        });
        return read({ status: statusCode, type: String(got['content-type'] ?? ''), text: await body.text() }, source);
      } catch (error) {
        throw failure(error, signal.aborted, { source, deadlineMs });
      }
    },
    close: () => agents.close(),
  };
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
function pathOf(base: URL, promql: string): string {
  const url = new URL(`${base.pathname.replace(/\/$/, '')}/api/v1/query`, base.origin);
  for (const [name, value] of base.searchParams) url.searchParams.append(name, value);
  url.searchParams.set('partial_response', 'false');
  url.searchParams.set('query', promql);
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

interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

const success = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
  warnings: z.array(z.string()).optional(),
});
const refused = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

function read(reply: Reply, source: string): MetricsAnswer {
  const body = reply.type.includes('json') ? parsed(reply.text) : undefined;
  const answer = success.safeParse(body);
  if (reply.status !== 200 || !answer.success) throw refusal(reply, body, source);
  const { data, warnings = [] } = answer.data;
  const series = data.result.map(({ metric, value: [at, value] }) => ({
    labels: metric,
    value: numberOf(value),
    at: new Date(at * 1000).toISOString(),
  }));
  return { series, warnings: warnings.map(redact), partial: warnings.length > 0 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** `NaN`, `+Inf` and `-Inf` are among them. */
function numberOf(value: string): number {
  return /^[+-]Inf$/.test(value) ? Number(`${value}inity`) : Number(value);
}

function refusal({ status, type, text }: Reply, body: unknown, source: string): SourceError {
  const error = refused.safeParse(body);
  const said = error.success ? `: ${redact(error.data.error).slice(0, 200)}` : '';
  const isPage = type.includes('html') || /^\s*</.test(text);
  if (status === 401 || (status >= 300 && status < 400)) {
    return new SourceError('unauthenticated', `${source} does not know who I am (status ${status}).`, {
      next: 'Give it a valid token: PROMETHEUS_TOKEN_FILE, or PROMETHEUS_TOKEN.',
    });
  }
  if (status === 403) {
    return new SourceError('forbidden', `${source} does not let me ask (status 403)${said}.`, {
      next: 'Ask an admin to let this account read metrics; on OpenShift: bind the ClusterRole cluster-monitoring-view to it.',
    });
  }
  if (isPage || (status === 200 && !error.success)) return notPrometheus(status, source);
  if (status === 400) {
    return new SourceError('invalid', `${source} did not take my query (status 400)${said}.`, {
      next: 'Check that PROMETHEUS_URL leads to Prometheus itself, or report it: the query may be wrong.',
    });
  }
  if (status === 422)
    return new SourceError('partial', `${source} could not answer in full${said}.`, { next: askAgain });
  return new SourceError('unreachable', `${source} answered with status ${status}${said}.`, { next: askAgain });
}

const askAgain = 'Ask again; if it stays so, look after Prometheus: a store may be down, or it is overloaded.';

function notPrometheus(status: number, source: string): SourceError {
  return new SourceError('unreachable', `${source} answered, but not as Prometheus does (status ${status}).`, {
    next: 'Check PROMETHEUS_URL: a log-in page or a router may stand in between.',
  });
}
