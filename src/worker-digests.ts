import type { Redis } from 'ioredis';
import { slackChannels } from './clients/slack-channels.ts';
import { failureOf } from './clients/slack-failure.ts';
import { slackGone } from './clients/slack-gone.ts';
import { PeopleError, slackPeople } from './clients/slack-people.ts';
import { commits } from './jobs/audit/commit.ts';
import type { CheckDeps } from './jobs/check.ts';
import type { Consumer } from './jobs/consume.ts';
import { absences } from './jobs/digests/absences.ts';
import { consumeDigests } from './jobs/digests/consume.ts';
import { syncFileSchedules } from './jobs/digests/files.ts';
import { histories } from './jobs/digests/history.ts';
import { lane } from './jobs/digests/lane.ts';
import { digestPosts } from './jobs/digests/posts.ts';
import { digestQueues } from './jobs/digests/queue.ts';
import { type Refused, refusedBy } from './jobs/digests/rights.ts';
import { schedules } from './jobs/digests/schedules.ts';
import { countOverdue } from './jobs/digests/tend.ts';
import { locks } from './jobs/lock.ts';
import { DeliveryError } from './jobs/messenger.ts';
import { mutes } from './jobs/mutes.ts';
import { withinRequest } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { Log } from './model/log.ts';
import type { Policy } from './model/policy.ts';

export interface DigestSettings {
  readonly redis: Redis;
  readonly policy: Policy;
  readonly slack: Pick<Parameters<typeof slackPeople>[0], 'client' | 'home'>;
  /** Of the questions: digests share what they need. */
  readonly checks: CheckDeps;
  readonly metrics: Metrics;
  readonly lockMs: number;
}

/** Posting waits for Slack most of the time; the snapshots are what fills the memory. */
const digestsAtOnce = 8;
const snapshotsAtOnce = 2;
const tendEveryMs = 60_000;

/** Makes the digests of one cluster and posts them, until closed. */
export async function startDigests({
  redis,
  policy,
  slack,
  checks,
  metrics,
  lockMs,
}: DigestSettings): Promise<Consumer> {
  const { cluster, log, now } = checks;
  const queues = digestQueues(redis);
  const deps = {
    ...checks,
    schedules: schedules(redis, { queues, now, log }),
    queues,
    posts: digestPosts(redis),
    mutes: mutes(redis, now),
    commit: commits(redis, { log }),
    histories: histories(redis),
    absences: absences(redis, cluster, now),
    lane: lane(snapshotsAtOnce),
    refused: refusedFor(policy, slack, log),
    goneFrom: slackGone({ ...slack, log }),
    withLock: locks(redis, lockMs),
    watch: metrics.digests,
  };
  await syncFileSchedules(redis, policy.digests, { cluster, now, log });
  const settings = { concurrency: digestsAtOnce, lockMs, tendEveryMs };
  const consumer = await consumeDigests({ redis, deps, within: withinRequest, ...settings });
  metrics.gauge('meshbot_digest_overdue', 'Digests that were due more than five minutes ago and are not out', () =>
    countOverdue(deps),
  );
  return {
    running: consumer.running,
    async close(graceMs) {
      await consumer.close(graceMs);
      await queues.close();
    },
  };
}

/** What Slack does not tell now puts a digest off, as what it does not take now does. */
function refusedFor(policy: Policy, slack: DigestSettings['slack'], log: Log): Refused {
  const groups = [...new Set(Object.values(policy.roles).flatMap((role) => role.groups))];
  const people = slackPeople({ ...slack, groups, log });
  const channels = slackChannels({ ...slack, log });
  return refusedBy({
    policy,
    person: (user) =>
      people.ask(user).catch((error: unknown) => {
        if (!(error instanceof PeopleError)) throw error;
        throw new DeliveryError({ ok: false, reason: 'unavailable', code: error.reason, sent: 'no' });
      }),
    hasOutsiders: (channel) =>
      channels.ask(channel).catch((error: unknown) => {
        throw new DeliveryError(failureOf(error));
      }),
  });
}
