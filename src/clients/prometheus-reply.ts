import { z } from 'zod';
import { redact } from '../model/redact.ts';
import { type MetricsAnswer, SourceError, type Store } from '../model/sources.ts';

/** What came back for a request, whatever it is. */
export interface Reply {
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
const stores = z.object({
  status: z.literal('success'),
  data: z.record(
    z.string(),
    z
      .array(
        z.object({
          name: z.string(),
          lastError: z.unknown().optional(),
          labelSets: z.array(z.record(z.string(), z.string())).nullish(),
        }),
      )
      .nullable(),
  ),
});
const refused = z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() });

/** @throws SourceError where it is no answer. */
export function readSeries(reply: Reply, source: string): MetricsAnswer {
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

/** By kind of store. @throws SourceError where it is no answer. */
export function readStores(reply: Reply, source: string): readonly Store[] {
  const body = reply.type.includes('json') ? parsed(reply.text) : undefined;
  const answer = stores.safeParse(body);
  if (reply.status !== 200 || !answer.success) throw refusal(reply, body, source);
  return Object.values(answer.data.data).flatMap((all) =>
    (all ?? []).map(({ name, lastError, labelSets }) => ({
      name,
      // An error that Go could not write as JSON is an empty object.
      isUp: lastError === undefined || lastError === null || lastError === '',
      labels: labelSets ?? [],
    })),
  );
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
