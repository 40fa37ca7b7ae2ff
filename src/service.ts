import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from './clients/redis.ts';
import type { CommonConfig } from './config.ts';
import { type Probe, serveHealth } from './health.ts';
import type { Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

/** What a process that works for one cluster stands on. */
export interface Service {
  readonly redis: Redis;
  readonly metrics: Metrics;
  readonly healthUrl: string;
  /** From now on it counts as ready. */
  started(): void;
  close(): Promise<void>;
}

export interface ServiceSettings extends Pick<CommonConfig, 'redisUrl' | 'listenHost' | 'healthPort'> {
  /** For Redis' list of clients: `meshbot-worker-prod`. */
  readonly name: string;
  readonly log: Logger;
  /** What else has to answer before it counts as ready. */
  readonly probes: Readonly<Record<string, Probe>>;
}

const redisTimeoutMs = 60_000;

/** Opens its health page at once, and is there when Redis answers. */
export async function openService(settings: ServiceSettings): Promise<Service> {
  const { redisUrl: url, name, log, listenHost: host, healthPort: port } = settings;
  const metrics = createMetrics();
  const redis = patientRedis({ url, name, onError: (error) => log.warn({ error }, 'Redis does not answer') });
  let isStarted = false;
  const probes = {
    started: () => (isStarted ? undefined : 'not yet'),
    redis: () => (redis.status === 'ready' ? undefined : 'no connection'),
    ...settings.probes,
  };
  const health = await serveHealth({ host, port, registry: metrics.registry, probes });
  await redisReady(redis, redisTimeoutMs);
  return {
    redis,
    metrics,
    healthUrl: health.url,
    started() {
      isStarted = true;
    },
    async close() {
      redis.disconnect();
      await health.close();
    },
  };
}
