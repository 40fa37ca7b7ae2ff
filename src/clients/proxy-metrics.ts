import { isIPv6 } from 'node:net';
import { Client } from 'undici';
import { type ProxyMetrics, SourceError } from '../model/sources.ts';
import { networkFailure } from './kubernetes/network-failure.ts';

export interface ProxyMetricsOptions {
  /** 15090 is Envoy's own; 15020 is the agent's, merged with the application's. */
  readonly port: number;
  readonly maxBytes?: number;
}

/** Reads what proxies serve to Prometheus, at the pods' addresses: that needs no right, but the pod network. */
export function proxyMetrics({ port, maxBytes = 8 << 20 }: ProxyMetricsOptions): ProxyMetrics {
  return {
    source: `port ${port} of the proxies`,
    async read(ip, { signal }) {
      const origin = `http://${isIPv6(ip) ? `[${ip}]` : ip}:${port}`;
      // A connection each: pods come and go, and are read once a question.
      const client = new Client(origin, { maxResponseSize: maxBytes, connect: { timeout: 5_000 } });
      try {
        const headers = { accept: 'text/plain' };
        const { statusCode, body } = await client.request({
          path: '/stats/prometheus',
          method: 'GET',
          headers,
          signal,
        });
        const text = await body.text();
        if (statusCode === 200) return text;
        throw new SourceError('invalid', `${origin} answers with status ${statusCode}.`);
      } catch (error) {
        throw failure(error, signal.aborted, origin);
      } finally {
        await client.destroy();
      }
    },
  };
}

function failure(error: unknown, aborted: boolean, origin: string): SourceError {
  if (error instanceof SourceError) return error;
  if (aborted) return new SourceError('timeout', `${origin} did not answer in time.`, { cause: error });
  const { reason, message } = networkFailure(error, origin);
  return new SourceError(reason, message, { cause: error });
}
