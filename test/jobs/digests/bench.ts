import { after, afterEach, before, beforeEach } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../../../src/clients/redis.ts';
import { slackMessenger } from '../../../src/clients/slack.ts';
import { asks } from '../../../src/jobs/asks.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { absences } from '../../../src/jobs/digests/absences.ts';
import { type DigestDeps, runDigest, type TickJob } from '../../../src/jobs/digests/digest.ts';
import { histories } from '../../../src/jobs/digests/history.ts';
import { lane } from '../../../src/jobs/digests/lane.ts';
import { type DigestPosts, digestPosts } from '../../../src/jobs/digests/posts.ts';
import { type DigestQueues, digestQueues } from '../../../src/jobs/digests/queue.ts';
import { type Schedule, type Schedules, schedules, type WantedSchedule } from '../../../src/jobs/digests/schedules.ts';
import type { TendDeps } from '../../../src/jobs/digests/tend.ts';
import { locks } from '../../../src/jobs/lock.ts';
import { type Mutes, mutes } from '../../../src/jobs/mutes.ts';
import { deliveryRecords } from '../../../src/jobs/records.ts';
import type { Settled } from '../../../src/jobs/settle.ts';
import type { Cluster } from '../../../src/model/sources.ts';
import { clusterOf } from '../../helpers/cluster.ts';
import { type TestLog, testLog } from '../../helpers/log.ts';
import { meshConfig, namespace, peerAuthentication, workload } from '../../helpers/manifests.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { type Posted, type SlackApi, startSlackApi } from '../../helpers/slack-api.ts';

export const ana = { team: 'T1', user: 'UANA' };
export const ben = { team: 'T1', user: 'UBEN' };

/** Every day at nine in Berlin: 8:00 UTC in winter. */
export const morning: WantedSchedule = {
  channel: 'C1',
  cluster: 'prod',
  namespaces: ['shop'],
  topics: ['mtls'],
  words: 'daily 9:00 Europe/Berlin',
};

/** A mesh with a namespace `shop`, in which `api` runs under the PeerAuthentication of this mode. */
export function shop(mode: 'STRICT' | 'PERMISSIVE' | 'DISABLE'): Cluster {
  const parts = [namespace('istio-system'), namespace('shop'), meshConfig({}), workload('shop/api')];
  return { ...clusterOf(...parts, peerAuthentication('shop/default', mode)), name: 'prod' };
}

/** What digests run in: a real Redis, an API of Slack that can fail, and a clock. */
export interface DigestBench {
  server: TestRedis;
  redis: Redis;
  slack: SlackApi;
  now: Date;
  cluster: Cluster;
  /** Why the channel is gone, where somebody looks. */
  gone: string | undefined;
  queues: DigestQueues;
  schedules: Schedules;
  posts: DigestPosts;
  mutes: Mutes;
  readonly log: TestLog;
  /** What became of digests, and why they were put off. */
  readonly counted: string[];
  deps(changes?: Partial<DigestDeps>): DigestDeps & TendDeps;
  add(changes?: Partial<WantedSchedule>): Promise<Schedule>;
  /** Runs a job as a queue would, until it is done; the clock jumps over waits. */
  run(job: Partial<TickJob> & { readonly scheduleId: string }, changes?: Partial<DigestDeps>): Promise<Settled[]>;
  /** The clock stands at this time, and the digest of it is made. */
  tick(schedule: Schedule, at: string, changes?: Partial<DigestDeps>): Promise<Settled[]>;
  roots(): Posted[];
  replies(): Posted[];
  said(kind?: string): Promise<readonly string[]>;
}

export function digestBench(): DigestBench {
  before(async () => {
    bench.server = await startRedis();
    bench.redis = patientRedis({ url: bench.server.url, name: 'test', onError: () => {} });
    await redisReady(bench.redis, 5_000);
  });
  beforeEach(async () => {
    await bench.redis.flushall();
    bench.slack = await startSlackApi();
    bench.now = new Date('2026-11-20T12:00:00.000Z');
    bench.cluster = shop('PERMISSIVE');
    bench.gone = undefined;
    bench.queues = digestQueues(bench.redis);
    bench.schedules = schedules(bench.redis, { queues: bench.queues, now: () => bench.now });
    bench.posts = digestPosts(bench.redis);
    bench.mutes = mutes(bench.redis, () => bench.now);
    bench.log.lines.length = 0;
    bench.counted.length = 0;
  });
  afterEach(async () => {
    await bench.queues.close();
    await bench.slack.close();
  });
  after(async () => {
    bench.redis.disconnect();
    await bench.server.close();
  });

  const bench = {
    log: testLog(),
    counted: [] as string[],
    deps: (changes: Partial<DigestDeps> = {}) => ({ ...depsOf(bench), ...changes }),
    add: (changes: Partial<WantedSchedule> = {}) => bench.schedules.add({ ...morning, ...changes }, ana, 'UTC'),
    async run(job: Partial<TickJob> & { readonly scheduleId: string }, changes: Partial<DigestDeps> = {}) {
      const whole: TickJob = { version: 1, reason: 'tick', tick: bench.now.toISOString(), ...job };
      const settled: Settled[] = [];
      for (let turn = 0; turn < 40; turn += 1) {
        const run = { stalled: 0, signal: new AbortController().signal };
        const outcome = await runDigest(whole, bench.deps(changes), run);
        settled.push(outcome);
        if (outcome.status === 'done') return settled;
        bench.now = new Date(bench.now.getTime() + outcome.delayMs);
      }
      return settled;
    },
    tick(schedule: Schedule, at: string, changes: Partial<DigestDeps> = {}) {
      bench.now = new Date(at);
      return bench.run({ scheduleId: schedule.id, tick: bench.now.toISOString() }, changes);
    },
    roots: () => bench.slack.messages.filter(({ thread }) => thread === undefined),
    replies: () => bench.slack.messages.filter(({ thread }) => thread !== undefined),
    async said(kind = 'schedule') {
      return (await auditLog(bench.redis).last(100)).filter((one) => one.kind === kind).map(({ says }) => says);
    },
  } as unknown as DigestBench;
  return bench;
}

function depsOf(bench: DigestBench): DigestDeps & TendDeps {
  const { redis, slack, log, counted } = bench;
  const now = () => bench.now;
  return {
    cluster: 'prod',
    sources: { cluster: bench.cluster },
    lane: lane(2),
    refused: async () => [],
    goneFrom: async () => bench.gone,
    messenger: slackMessenger({ token: 'xoxb-1', apiUrl: slack.url, logger: log.slack, onCall: () => {} }, 'meshbot'),
    records: deliveryRecords(redis, now),
    schedules: bench.schedules,
    queues: bench.queues,
    histories: histories(redis),
    posts: bench.posts,
    asks: asks(redis),
    mutes: bench.mutes,
    absences: absences(redis, 'prod', now),
    withLock: locks(redis, 5_000),
    log: log.log,
    watch: { digest: (outcome) => counted.push(outcome), putOff: (reason) => counted.push(`put off: ${reason}`) },
    now,
  };
}
