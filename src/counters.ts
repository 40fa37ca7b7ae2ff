import { prometheus } from './clients/prometheus.ts';
import { proxyMetrics } from './clients/proxy-metrics.ts';
import type { CountersConfig } from './config.ts';
import type { Sources } from './model/sources.ts';

export interface Counters {
  readonly sources: Pick<Sources, 'metrics' | 'proxyMetrics'>;
  close(): Promise<void>;
}

/** Opens what counts calls on the wire: Prometheus, or else the proxies themselves. */
export function openCounters({ prometheus: config, proxyMetricsPort: port }: CountersConfig): Counters {
  if (config !== undefined) {
    const metrics = prometheus(config);
    return { sources: { metrics }, close: metrics.close };
  }
  return { sources: port === undefined ? {} : { proxyMetrics: proxyMetrics({ port }) }, close: async () => undefined };
}
