import { createServer, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

/** Nothing when all is well, otherwise what is wrong. Also wrong when it throws or takes longer than two seconds. */
export type Probe = () => string | undefined | Promise<string | undefined>;

export interface HealthSettings {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly registry: Registry;
  /** What `/readyz` asks, by name. */
  readonly probes: Readonly<Record<string, Probe>>;
}

export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

const probeTimeoutMs = 2_000;

/** `/livez` says that the process runs, `/readyz` that what it needs answers, `/metrics` is for Prometheus. */
export async function serveHealth({ host, port, registry, probes }: HealthSettings): Promise<HealthServer> {
  const server = createServer(async (request, response) => {
    try {
      if (request.url === '/livez') return send(response, 200, 'text/plain', 'ok\n');
      if (request.url === '/readyz') return await sendReadiness(response, probes);
      if (request.url === '/metrics') return send(response, 200, registry.contentType, await registry.metrics());
      send(response, 404, 'text/plain', 'not found\n');
    } catch {
      send(response, 500, 'text/plain', 'failed\n');
    }
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  await promise;
  const address = server.address();
  const actual = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host}:${actual}`,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function sendReadiness(response: ServerResponse, probes: HealthSettings['probes']): Promise<void> {
  const results = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => ({ name, problem: await ask(probe) })),
  );
  const ready = results.every(({ problem }) => problem === undefined);
  const lines = results.map(
    ({ name, problem }) =>
      `${problem === undefined ? 'ok  ' : 'fail'} ${name}${problem === undefined ? '' : `: ${problem}`}`,
  );
  send(response, ready ? 200 : 503, 'text/plain', `${lines.join('\n')}\n`);
}

async function ask(probe: Probe): Promise<string | undefined> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => timeout.resolve(`no answer within ${probeTimeoutMs} ms`), probeTimeoutMs);
  try {
    return await Promise.race([probe(), timeout.promise]);
  } catch (error) {
    return error instanceof Error ? error.name : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type });
  response.end(body);
}
