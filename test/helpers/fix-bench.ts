import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../../src/clients/redis.ts';
import { slackMessenger } from '../../src/clients/slack.ts';
import { fixOf } from '../../src/fixes/index.ts';
import { answer } from '../../src/jobs/answer.ts';
import { asks } from '../../src/jobs/asks.ts';
import { auditLog } from '../../src/jobs/audit/audit.ts';
import { runAdvance } from '../../src/jobs/fixes/advance.ts';
import { applyPlan } from '../../src/jobs/fixes/apply.ts';
import { type ApplyDeps, inFlightMs } from '../../src/jobs/fixes/apply-deps.ts';
import type { FixDeps } from '../../src/jobs/fixes/deps.ts';
import { runPropose } from '../../src/jobs/fixes/propose.ts';
import type { ProposeJob } from '../../src/jobs/fixes/queue.ts';
import { type Remediations, remediations } from '../../src/jobs/fixes/remediations.ts';
import { signer } from '../../src/jobs/fixes/signature.ts';
import { locks } from '../../src/jobs/lock.ts';
import { deliveryRecords } from '../../src/jobs/records.ts';
import type { Settled } from '../../src/jobs/settle.ts';
import { approve } from '../../src/model/life.ts';
import type { Person } from '../../src/model/policy.ts';
import type { Remediation } from '../../src/model/remediation.ts';
import { resources } from '../../src/model/resources.ts';
import { type ExampleCluster, exampleCluster } from '../../src/sandbox/example-cluster.ts';
import { calmly } from './check-bench.ts';
import { approvalKey, policy } from './fixer.ts';
import { type TestLog, testLog } from './log.ts';
import { startRedis, type TestRedis } from './redis.ts';
import { type Posted, type SlackApi, startSlackApi } from './slack-api.ts';

const { destinationRules } = resources;

/** The rule that makes calls fail in the example. */
export const brokenRule = { resource: destinationRules, namespace: 'bookinfo', name: 'reviews-v1-only' };

/** UANA asks for it. */
export const fixJob: ProposeJob = {
  version: 1,
  requestId: 'p0000000000000000000a',
  fix: 'align-destination-rule-tls',
  target: { cluster: 'prod', namespace: 'bookinfo', name: 'reviews-v1-only' },
  channel: 'C1',
  requestedBy: { team: 'T1', user: 'UANA' },
  requestedAt: '2026-11-24T12:00:00.000Z',
  command: 'fix align-destination-rule-tls bookinfo/reviews-v1-only',
};

/** What the worker's part of a fix runs in: a real Redis, an API of Slack that can fail, and a cluster to change. */
export interface FixBench {
  slack: SlackApi;
  redis: Redis;
  store: Remediations;
  cluster: ExampleCluster;
  now: Date;
  /** Of people, what differs from a member in good standing. */
  readonly people: Map<string, Partial<Person>>;
  readonly log: TestLog;
  /** Ids to look at, and those the fixer is to apply: `id-version`. */
  readonly woken: Set<string>;
  readonly applied: string[];
  /** Ids of those that the fixer is to try without writing. */
  readonly toTry: string[];
  readonly counted: string[];
  /** The example as nobody has changed it. */
  newCluster(): Promise<void>;
  deps(changes?: Partial<FixDeps>): FixDeps;
  propose(changes?: Partial<ProposeJob>, deps?: Partial<FixDeps>): Promise<Settled>;
  /** Looks at a plan, and at all that this wakes. */
  advance(id?: string, changes?: Partial<FixDeps>): Promise<void>;
  approve(user?: string, id?: string, breakGlass?: string): Promise<void>;
  /** As the fixer does. */
  apply(id?: string, changes?: Partial<ApplyDeps>): Promise<unknown>;
  load(id?: string): Promise<Remediation>;
  state(id?: string): Promise<string>;
  later(ms: number): void;
  roots(): Posted[];
  replies(root?: Posted): Posted[];
}

export function fixBench(): FixBench {
  let server: TestRedis;
  before(async () => {
    server = await startRedis();
    bench.redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    await redisReady(bench.redis, 5_000);
  });
  beforeEach(async () => {
    await bench.redis.flushall();
    bench.slack = await startSlackApi();
    bench.store = remediations(bench.redis);
    await bench.newCluster();
    bench.now = new Date();
    for (const kept of [bench.people, bench.woken]) kept.clear();
    for (const kept of [bench.applied, bench.toTry, bench.counted, bench.log.lines]) kept.length = 0;
  });
  afterEach(() => bench.slack.close());
  after(async () => {
    bench.redis.disconnect();
    await server.close();
  });

  const bench = {
    now: new Date(),
    people: new Map(),
    log: testLog(),
    woken: new Set<string>(),
    applied: [] as string[],
    toTry: [] as string[],
    counted: [] as string[],
    async newCluster() {
      const folder = new URL('../../examples/bookinfo-broken/mesh', import.meta.url).pathname;
      bench.cluster = await exampleCluster({ name: 'prod', folder });
    },
    deps: (changes: Partial<FixDeps> = {}) => ({ ...defaults(bench), ...changes }),
    async propose(changes: Partial<ProposeJob> = {}, deps: Partial<FixDeps> = {}) {
      const job = { ...fixJob, requestedAt: bench.now.toISOString(), ...changes };
      const settled = await runPropose(job, bench.deps(deps), calmly());
      await lookAtWoken(bench);
      return settled;
    },
    async advance(id = fixJob.requestId, changes: Partial<FixDeps> = {}) {
      await runAdvance(id, bench.deps(changes));
      await lookAtWoken(bench, changes);
    },
    async approve(user = 'UBOB', id = fixJob.requestId, breakGlass?: string) {
      const { plan } = await bench.load(id);
      const given = { by: { team: 'T1', user }, roles: ['sre'], at: bench.now.toISOString(), digest: plan.digest };
      const unsigned = { ...given, ...(breakGlass !== undefined && { breakGlass }) };
      const approval = { ...unsigned, signature: signer(approvalKey).sign(plan, unsigned) };
      await bench.store.change(id, (r) => approve(r, approval));
    },
    apply: (id = fixJob.requestId, changes: Partial<ApplyDeps> = {}) =>
      applyPlan(id, { ...fixerDefaults(bench), ...changes }),
    async load(id = fixJob.requestId) {
      const r = await bench.store.load(id);
      assert.ok(r, `there is no plan ${id}`);
      return r;
    },
    async state(id = fixJob.requestId) {
      const r = await bench.load(id);
      return r.state === 'closed' ? `closed ${r.why}` : r.state;
    },
    later(ms: number) {
      bench.now = new Date(bench.now.getTime() + ms);
    },
    roots: () => bench.slack.messages.filter(({ thread }) => thread === undefined),
    replies: (root = bench.roots()[0]) => bench.slack.messages.filter(({ thread }) => thread === root?.ts),
  } as unknown as FixBench;
  return bench;
}

async function lookAtWoken(bench: FixBench, changes: Partial<FixDeps> = {}): Promise<void> {
  for (const id of bench.woken) {
    bench.woken.delete(id);
    await runAdvance(id, bench.deps(changes));
  }
}

function fixerDefaults(bench: FixBench): ApplyDeps {
  return {
    cluster: 'prod',
    remediations: bench.store,
    audit: auditLog(bench.redis),
    writer: bench.cluster,
    fixOf,
    policy: () => policy,
    signer: signer(approvalKey),
    log: bench.log.log,
    now: () => bench.now,
    wake: async (woken) => void bench.woken.add(woken),
    onSettled: () => {},
    working: new Set(),
    inFlightMs,
  };
}

function defaults(bench: FixBench): FixDeps {
  const { slack, redis, log, store } = bench;
  return {
    cluster: 'prod',
    answer,
    sources: { cluster: bench.cluster },
    asks: asks(redis),
    policy,
    fixOf,
    person: async (user) => ({
      ...{ team: 'T1', user, deleted: false, bot: false, guest: false, stranger: false, groups: [] },
      ...bench.people.get(user),
    }),
    remediations: store,
    audit: auditLog(redis),
    queues: {
      wake: async (_, id) => void bench.woken.add(id),
      wakeLater: async () => {},
      apply: async (_, id, version) => void bench.applied.push(`${id}-${version}`),
      try: async (_, id) => void bench.toTry.push(id),
    },
    withLock: locks(redis, 3_000),
    fixerAlive: async () => true,
    messenger: slackMessenger({ token: 'xoxb-1', apiUrl: slack.url, logger: log.slack, onCall: () => {} }, 'meshbot'),
    records: deliveryRecords(redis, () => bench.now),
    log: log.log,
    watch: {
      plan: (_, state) => bench.counted.push(state),
      putOff: (reason) => bench.counted.push(`put off ${reason}`),
      undelivered: () => bench.counted.push('undelivered'),
    },
    now: () => bench.now,
  };
}
