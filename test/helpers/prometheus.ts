import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

export interface Request {
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
    if (!pathname.endsWith('/api/v1/query')) throw new Error(`nothing was recorded for ${pathname}`);
    const given = answer({ query: params.get('query') ?? '', params, authorization: headers.authorization });
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
