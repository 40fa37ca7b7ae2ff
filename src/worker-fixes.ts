import type { Redis } from 'ioredis';
import { slackPeople } from './clients/slack-people.ts';
import { fixOf } from './fixes/index.ts';
import { auditLog } from './jobs/audit/audit.ts';
import type { CheckDeps } from './jobs/check.ts';
import { type Consumer, consumeRemedies } from './jobs/fixes/consume-remedies.ts';
import { fixerKeys, remedyQueues } from './jobs/fixes/queue.ts';
import { remediations } from './jobs/fixes/remediations.ts';
import { locks } from './jobs/lock.ts';
import { withinRequest } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Policy } from './model/policy.ts';

export interface FixSettings {
  readonly redis: Redis;
  readonly policy: Policy;
  readonly slack: Pick<Parameters<typeof slackPeople>[0], 'client' | 'home'>;
  /** Of the questions: fixes share what they need. */
  readonly checks: CheckDeps;
  readonly metrics: Metrics;
  readonly concurrency: number;
  readonly lockMs: number;
  readonly sweepEveryMs: number;
}

/** Plans fixes and brings them on, until closed. Without a policy every request is answered by a refusal. */
export function startFixes({ redis, policy, slack, checks, metrics, ...settings }: FixSettings): Consumer {
  const { cluster, log } = checks;
  const queues = remedyQueues(redis);
  const groups = [...new Set(Object.values(policy.roles).flatMap((role) => role.groups))];
  const people = slackPeople({ ...slack, groups, log });
  const store = { log, policy: () => policy.hash };
  const deps = {
    ...checks,
    policy,
    fixOf,
    person: (user: string) => people.ask(user, { fresh: true }),
    remediations: remediations(redis, store),
    audit: auditLog(redis, store),
    queues,
    withLock: locks(redis, settings.lockMs),
    fixerAlive: async () => (await redis.exists(fixerKeys(cluster).alive)) === 1,
    watch: metrics.fixes,
  };
  const consumer = consumeRemedies({ redis, deps, within: withinRequest, ...settings });
  return {
    running: consumer.running,
    async close(graceMs) {
      await consumer.close(graceMs);
      await queues.close();
    },
  };
}
