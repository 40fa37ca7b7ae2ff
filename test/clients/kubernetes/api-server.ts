import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';
import {
  type LiveCluster,
  type LiveClusterOptions,
  liveCluster,
} from '../../../src/clients/kubernetes/live-cluster.ts';
import { folderOf } from '../files/folder.ts';

/** What the server answers: a body of JSON, or a text as it is. */
export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Before the answer begins. */
  readonly delayMs?: number;
  /** Breaks the connection off instead. */
  readonly reset?: boolean;
}

export interface ApiServer {
  readonly url: string;
  /** Method and URL of every request so far. */
  readonly requests: string[];
  /** The last request's header lines, in pairs. */
  lastHeaders(): readonly string[];
  /** Connections so far. */
  sockets(): number;
}

/** Answers to come, by method and path; each is used up, but the last one stays. */
export type Replies = Readonly<Record<string, Reply | readonly Reply[]>>;

/** A server that answers as a real API server did. What it has no reply for is not found, as a resource is. */
export async function startApiServer(replies: Replies): Promise<ApiServer> {
  const requests: string[] = [];
  let headers: readonly string[] = [];
  let sockets = 0;
  const left = new Map(
    Object.entries(replies).map(([key, value]) => [key, Array.isArray(value) ? [...value] : [value]]),
  );
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    headers = request.rawHeaders;
    const queue = left.get(keyOf(request)) ?? [];
    const reply = (queue.length > 1 ? queue.shift() : queue[0]) ?? missingResource;
    request.resume().on('end', () => answer(response, reply));
  });
  server.on('connection', () => (sockets += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, lastHeaders: () => headers, sockets: () => sockets };
}

function keyOf({ method, url = '' }: IncomingMessage): string {
  const path = URL.parse(url, 'http://localhost')?.pathname ?? url;
  return method === 'GET' ? path : `${method} ${path}`;
}

async function answer(
  response: ServerResponse,
  { status = 200, body = '', headers = {}, delayMs = 0, reset }: Reply,
): Promise<void> {
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
  if (reset) {
    response.socket?.resetAndDestroy();
    return;
  }
  const plain = typeof body === 'string' || Buffer.isBuffer(body);
  response.writeHead(status, { 'content-type': plain ? 'text/plain' : 'application/json', ...headers });
  response.end(plain ? body : JSON.stringify(body));
}

export function status(code: number, reason: string, message: string, more: object = {}): Reply {
  return {
    status: code,
    body: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code, ...more },
  };
}

const missingResource = status(404, 'NotFound', 'the server could not find the requested resource', { details: {} });

export function page(names: readonly string[], next?: string): Reply {
  const items = names.map((name) => ({ metadata: { name, namespace: 'shop', labels: { app: name } } }));
  return {
    body: {
      kind: 'PodList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '7', ...(next !== undefined && { continue: next }) },
      items,
    },
  };
}

/** Aggregated discovery: `{ 'security.istio.io': { v1: ['peerauthentications'] } }`. */
export function discovery(groups: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>): Reply {
  const items = Object.entries(groups).map(([name, versions]) => ({
    metadata: { name },
    versions: Object.entries(versions).map(([version, resources]) => ({
      version,
      freshness: 'Current',
      resources: resources.map((resource) => ({ resource, scope: 'Namespaced', verbs: ['get', 'list'] })),
    })),
  }));
  return {
    headers: { 'content-type': 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    body: { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items },
  };
}

/** A kubeconfig with one context, `shop`. */
export function kubeconfigFor(server: string, user: object = { token: 'canary-token' }, cluster: object = {}): string {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'shop',
    contexts: [{ name: 'shop', context: { cluster: 'prod-eu', user: 'ana' } }],
    clusters: [{ name: 'prod-eu', cluster: { server, ...cluster } }],
    users: [{ name: 'ana', user }],
  };
  return `${folderOf({ config: JSON.stringify(config) })}/config`;
}

/** A client of that server; it is closed after the test file. */
export async function clientOf(
  { url }: Pick<ApiServer, 'url'>,
  options: LiveClusterOptions = {},
  user?: object,
): Promise<LiveCluster> {
  const cluster = await liveCluster({ kubeconfig: kubeconfigFor(url, user), env: {}, ...options });
  after(() => cluster.close());
  return cluster;
}
