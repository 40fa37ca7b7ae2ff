import { after, afterEach, before, beforeEach } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../../src/clients/redis.ts';
import { slackMessenger } from '../../src/clients/slack.ts';
import { asks } from '../../src/jobs/asks.ts';
import { type CheckDeps, type Run, runCheck } from '../../src/jobs/check.ts';
import { mutes } from '../../src/jobs/mutes.ts';
import { names } from '../../src/jobs/names.ts';
import type { CheckJob } from '../../src/jobs/queue.ts';
import { deliveryRecords } from '../../src/jobs/records.ts';
import type { Settled } from '../../src/jobs/settle.ts';
import { type TestLog, testLog } from './log.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { exampleReport } from './report.ts';
import { type Posted, type SlackApi, startSlackApi } from './slack-api.ts';

export const job: CheckJob = {
  version: 1,
  requestId: 'r1',
  topic: 'mtls',
  target: { cluster: 'prod', namespace: 'bookinfo' },
  channel: 'C1',
  requestedBy: { team: 'T1', user: 'U1' },
  requestedAt: '2026-11-24T12:00:00.000Z',
  command: 'mtls bookinfo',
};

/** What a check job runs in: a real Redis, an API of Slack that can fail, and a clock that jumps over waits. */
export interface Bench {
  slack: SlackApi;
  redis: Redis;
  now: Date;
  /** How often an answer was worked out. */
  answers: number;
  readonly events: string[];
  readonly log: TestLog;
  deps(changes?: Partial<CheckDeps>): CheckDeps;
  /** Runs the job as a queue would, until it is done. */
  run(changes?: Partial<CheckDeps>, run?: Partial<Run>): Promise<Settled[]>;
  /** Another Slack, and nothing remembered. */
  renew(): Promise<void>;
  roots(): Posted[];
  replies(): Posted[];
}

/** A bench for the tests of one `describe`, new for each. */
export function checkBench(): Bench {
  let server: TestRedis;
  before(async () => {
    server = await startRedis();
    bench.redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    await redisReady(bench.redis, 5_000);
  });
  beforeEach(() => bench.renew());
  afterEach(() => bench.slack.close());
  after(async () => {
    bench.redis.disconnect();
    await server.close();
  });

  const bench = {
    now: new Date(),
    answers: 0,
    events: [] as string[],
    log: testLog(),
    deps: (changes: Partial<CheckDeps> = {}) => ({ ...defaults(bench), ...changes }),
    async run(changes: Partial<CheckDeps> = {}, run: Partial<Run> = {}) {
      const settled: Settled[] = [];
      for (let turn = 0; turn < 40; turn += 1) {
        const outcome = await runCheck(job, bench.deps(changes), { ...calmly(), ...run });
        settled.push(outcome);
        if (outcome.status === 'done') return settled;
        bench.now = new Date(bench.now.getTime() + outcome.delayMs);
      }
      return settled;
    },
    async renew() {
      await bench.slack?.close();
      await bench.redis.flushall();
      bench.slack = await startSlackApi();
      bench.answers = 0;
      bench.now = new Date();
      bench.events.length = 0;
      bench.log.lines.length = 0;
    },
    roots: () => bench.slack.messages.filter(({ thread }) => thread === undefined),
    replies: () => bench.slack.messages.filter(({ thread }) => thread !== undefined),
  } as unknown as Bench;
  return bench;
}

/** A run that nothing disturbs. */
export function calmly(): Run {
  return { stalled: 0, signal: new AbortController().signal, release: async () => {} };
}

function defaults(bench: Bench): CheckDeps {
  const { slack, redis, log, events } = bench;
  return {
    cluster: 'prod',
    sources: {
      cluster: { name: 'prod', source: 'test', kind: 'files', list: async () => [], get: async () => undefined },
    },
    async answer() {
      bench.answers += 1;
      return { report: exampleReport() };
    },
    messenger: slackMessenger({ token: 'xoxb-1', apiUrl: slack.url, logger: log.slack, onCall: () => {} }, 'meshbot'),
    records: deliveryRecords(redis, () => bench.now),
    asks: asks(redis),
    names: names(redis),
    mutes: mutes(redis, () => bench.now),
    log: log.log,
    watch: {
      answered: (_, verdict) => events.push(`answered ${verdict}`),
      evidence: (kind, outcome) => events.push(`${kind} ${outcome}`),
      putOff: (reason) => events.push(`put off ${reason}`),
      undelivered: () => events.push('undelivered'),
    },
    now: () => bench.now,
    progressEveryMs: 100,
    isOffered: () => true,
  };
}
