import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

export interface Request {
  /** What stands after `/api/v1/`. */
  readonly endpoint: string;
  readonly query: string;
  readonly params: URLSearchParams;
  readonly authorization: string | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that gives recorded answers of Prometheus; `undefined` never answers. It ends with the test file. */
export async function recorded(answer: (request: Request) => Answer | undefined): Promise<string> {
  const server = http.createServer(({ url = '', headers }, response) => {
    const { searchParams: params, pathname } = new URL(url, 'http://localhost');
    const endpoint = pathname.replace(/^.*\/api\/v1\//, '');
    const given = answer({ endpoint, query: params.get('query') ?? '', params, authorization: headers.authorization });
    if (given === undefined) return;
    const { status = 200, type = 'application/json', body, headers: more } = given;
    response.writeHead(status, { 'content-type': type, ...more }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A vector, as Prometheus writes it. */
export function vector(...series: readonly (readonly [Readonly<Record<string, string>>, string])[]): Answer {
  const result = series.map(([metric, value]) => ({ metric, value: [1_796_212_800.123, value] }));
  return { body: JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }) };
}

/** Stores of a Thanos querier that have what a Prometheus, such as `openshift-monitoring/k8s`, marks as its own. */
export function stores(
  ...all: readonly (readonly [name: string, prometheus: string, lastError?: string | undefined])[]
): Answer {
  const sidecar = all.map(([name, prometheus, lastError = null]) => ({
    name,
    lastError,
    labelSets: [{ prometheus, prometheus_replica: name }],
  }));
  return { body: JSON.stringify({ status: 'success', data: { sidecar, rule: null } }) };
}
