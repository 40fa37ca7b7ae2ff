import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import type { TestCluster } from './cluster.ts';

/** An address on this machine that answers what `url` does in the cluster's network. GETs only; it ends with the test file. */
export async function tunnelTo(cluster: TestCluster, url: string): Promise<string> {
  const server = createServer((request, response) => {
    cluster.exec('curl', '-s', '-w', '\n%{http_code}', `${url}${request.url ?? '/'}`).then(
      (text) => {
        const [, body = '', status = ''] = /^(.*)\n(\d+)$/s.exec(text.trimEnd()) ?? [];
        const type = status === '200' ? 'application/json' : 'text/plain';
        response.writeHead(Number(status), { 'content-type': type }).end(body);
      },
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
