import { randomBytes } from 'node:crypto';
import type { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { redisReady } from './clients/redis.ts';
import type { Identity } from './clients/slack-client.ts';
import { slackPeople } from './clients/slack-people.ts';
import type { BotConfig } from './config.ts';
import { digestOf } from './fixes/plan.ts';
import type { FixDeps } from './handlers/deps.ts';
import { auditLog } from './jobs/audit/audit.ts';
import { emergencies } from './jobs/fixes/emergencies.ts';
import { remedyQueues } from './jobs/fixes/queue.ts';
import { remediations } from './jobs/fixes/remediations.ts';
import { signer } from './jobs/fixes/signature.ts';
import { prefix } from './jobs/queue.ts';
import type { Log } from './model/log.ts';
import type { Policy } from './model/policy.ts';

export interface Fixing {
  readonly deps: FixDeps;
  close(): Promise<void>;
}

interface Around {
  readonly redis: Redis;
  /** Asks Slack who people are. */
  readonly client: WebClient;
  readonly home: Identity;
  readonly log: Log;
  /** Absent: fixes are off. */
  readonly policy: Policy | undefined;
}

/** The bot's part of fixes; nothing where they are off. */
export async function openFixing(
  { approvalKey }: Pick<BotConfig, 'approvalKey'>,
  { policy, redis, client, home, log }: Around,
): Promise<Fixing | undefined> {
  if (policy === undefined) return undefined;
  const groups = [...new Set(Object.values(policy.roles).flatMap((role) => role.groups))];
  const queues = remedyQueues(redis);
  const store = { log, policy: () => policy.hash };
  const deps: FixDeps = {
    policy,
    people: slackPeople({ client, groups, home, log }),
    remediations: remediations(redis, store),
    queues,
    audit: auditLog(redis, store),
    emergencies: emergencies(redis),
    // Without one nobody may approve anything: a key that nobody else has signs nothing that counts.
    signer: signer(approvalKey ?? randomBytes(32).toString('hex')),
    digestOf,
    newPlanId: () => `p${randomBytes(10).toString('hex')}`,
  };
  await recordPolicy(policy, redis, deps.audit, log);
  return { deps, close: () => queues.close() };
}

const policyKey = `${prefix}:policy`;
const patienceMs = 2_000;

/** A policy that was not in force before is a record. The start does not wait for Redis: then the next start records it. */
async function recordPolicy({ hash }: Policy, redis: Redis, audit: FixDeps['audit'], log: Log): Promise<void> {
  try {
    await redisReady(redis, patienceMs);
    if ((await redis.get(policyKey)) === hash) return;
    await audit.append({
      kind: 'policy',
      at: new Date().toISOString(),
      says: 'A new policy is in force.',
      policy: hash,
    });
    await redis.set(policyKey, hash);
    log.info({ policy: hash }, 'A new policy is in force');
  } catch (error) {
    log.warn({ error }, 'The policy in force could not be recorded');
  }
}
