import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import { UsageError } from '../../model/sources.ts';
import type { Environment } from './access.ts';
import type { Credentials } from './credentials.ts';
import type { Access } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';
import { present } from './values.ts';

export interface Pool {
  /** Connections that show these certificates. New certificates get new connections; the old ones end when idle. */
  dispatcher(credentials: Credentials): Dispatcher;
  close(): Promise<void>;
}

const maxConnections = 10;
const connectTimeoutMs = 5_000;
const maxAnswerBytes = 256 << 20;

/** One pool of connections to one API server, directly or through a proxy. */
export function createPool(access: Access, env: Environment): Pool {
  const proxy = access.proxyUrl ?? proxyFor(new URL(access.server), env);
  if (proxy !== undefined && !/^(https?|socks5?):$/.test(URL.parse(proxy)?.protocol ?? '')) {
    throw new UsageError(
      'The proxy on the way to the cluster is not an http, https or socks5 URL. Mend proxy-url in the kubeconfig, or HTTPS_PROXY.',
    );
  }
  let open: { readonly key: string; readonly dispatcher: Dispatcher } | undefined;
  return {
    dispatcher(credentials) {
      const key = JSON.stringify([credentials.ca, credentials.cert, credentials.key]);
      if (open?.key !== key) {
        open?.dispatcher.close().catch(() => undefined);
        open = { key, dispatcher: connect(access, credentials, proxy) };
      }
      return open.dispatcher;
    },
    async close() {
      await open?.dispatcher.destroy();
      open = undefined;
    },
  };
}

function connect(
  { insecure, servername }: Access,
  { ca, cert, key }: Credentials,
  proxy: string | undefined,
): Dispatcher {
  const tls = { ...present({ ca, cert, key, servername }), ...(insecure && { rejectUnauthorized: false }) };
  const options = {
    connections: maxConnections,
    // One request at a time on a connection: a slow list must not hold up the others.
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: 30_000,
    maxResponseSize: maxAnswerBytes,
    // Every request has a deadline of its own.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  if (proxy === undefined) return new Agent({ ...options, connect: { ...tls, timeout: connectTimeoutMs } });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: tls, connectTimeout: connectTimeoutMs });
}
