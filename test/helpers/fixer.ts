import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import type { Redis } from 'ioredis';
import { patientRedis, redisReady } from '../../src/clients/redis.ts';
import { type PlanRequest, planOf, undoPlanOf } from '../../src/fixes/plan.ts';
import { requireMtls } from '../../src/fixes/require-mtls.ts';
import { auditLog } from '../../src/jobs/audit/audit.ts';
import type { ApplyDeps } from '../../src/jobs/fixes/apply.ts';
import { inFlightMs } from '../../src/jobs/fixes/apply-deps.ts';
import { type Remediations, remediations } from '../../src/jobs/fixes/remediations.ts';
import { signer } from '../../src/jobs/fixes/signature.ts';
import { isRefusal } from '../../src/model/fix.ts';
import { approve, clear, propose } from '../../src/model/life.ts';
import type { Policy } from '../../src/model/policy.ts';
import { approvalRuleOf } from '../../src/model/policy-decisions.ts';
import type { Approval, KubernetesIdentity, Plan, Remediation } from '../../src/model/remediation.ts';
import { resources } from '../../src/model/resources.ts';
import type { ClusterWriter } from '../../src/model/writer.ts';
import { type TestLog, testLog } from './log.ts';
import { startRedis, type TestRedis } from './redis.ts';

const { peerAuthentications } = resources;

export const approvalKey = 'the key of bot and fixer, for tests';
const keys = signer(approvalKey);

const rule: Policy['fixes'][number] = {
  fixes: ['*'],
  clusters: ['*'],
  namespaces: ['*'],
  request: ['sre'],
  approve: ['sre'],
  approvals: 1,
  selfApproval: false,
  expiresMinutes: 60,
  windows: [],
};

/** UANA asks, UBOB approves. */
export const policy: Policy = {
  roles: { sre: { users: ['UANA', 'UBOB', 'UCAT'], groups: [] } },
  people: {},
  fixes: [rule],
  freeze: { freeze: ['everyone'], unfreeze: ['sre'] },
  digests: [],
  hash: 'f'.repeat(64),
};

/** The same, with something else in its only rule. */
export function policyWith(changes: Partial<typeof rule>): Policy {
  return { ...policy, fixes: [{ ...rule, ...changes }] };
}

/** What the fixer works in: a real Redis, the real store and signatures, and the writer of the test. */
export interface FixerBench {
  redisUrl: string;
  redis: Redis;
  store: Remediations;
  now: Date;
  readonly log: TestLog;
  /** What became of plans, in order. */
  readonly settled: string[];
  readonly woken: string[];
  deps(writer: ClusterWriter, changes?: Partial<ApplyDeps>): ApplyDeps;
  /** A plan to require mTLS in a namespace, by the PeerAuthentication of this name. */
  plan(writer: ClusterWriter, namespace: string, name?: string, changes?: Partial<PlanRequest>): Promise<Plan>;
  undo(writer: ClusterWriter, plan: Plan): Promise<Plan>;
  /** Stores a plan as the bot and the worker would, up to `cleared`. */
  cleared(
    plan: Plan,
    changes?: { readonly approval?: Partial<Approval>; readonly writeAs?: KubernetesIdentity },
  ): Promise<string>;
  state(id: string): Promise<string>;
  load(id: string): Promise<Remediation>;
}

export function fixerBench(): FixerBench {
  let server: TestRedis;
  let plans = 0;
  before(async () => {
    server = await startRedis();
    bench.redisUrl = server.url;
    bench.redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
    await redisReady(bench.redis, 5_000);
  });
  beforeEach(async () => {
    await bench.redis.flushall();
    bench.store = remediations(bench.redis);
    bench.now = new Date();
    bench.settled.length = 0;
    bench.woken.length = 0;
  });
  after(async () => {
    bench.redis.disconnect();
    await server.close();
  });

  function request(writer: ClusterWriter, namespace: string): PlanRequest {
    plans += 1;
    return {
      id: `p${String(plans).padStart(20, '0')}`,
      target: { cluster: writer.name, namespace },
      requestedBy: { team: 'T1', user: 'UANA' },
      requestedAt: bench.now.toISOString(),
      channel: 'C1',
      expiresAt: new Date(bench.now.getTime() + 3_600_000).toISOString(),
      rule: approvalRuleOf(policy, rule),
    };
  }

  const bench: FixerBench = {
    redisUrl: '',
    redis: undefined as unknown as Redis,
    store: undefined as unknown as Remediations,
    now: new Date(),
    log: testLog(),
    settled: [],
    woken: [],
    deps: (writer, changes) => ({
      cluster: writer.name,
      remediations: bench.store,
      audit: auditLog(bench.redis),
      writer,
      fixOf: () => requireMtls,
      policy: () => policy,
      signer: keys,
      log: bench.log.log,
      now: () => bench.now,
      wake: async (id) => void bench.woken.push(id),
      onSettled: (_, outcome) => void bench.settled.push(outcome),
      working: new Set(),
      inFlightMs,
      ...changes,
    }),
    async plan(writer, namespace, name = 'default', changes = {}) {
      const place = { resource: peerAuthentications, namespace, name };
      const choice = { ...place, risk: 'low', effects: ['Plaintext is refused.'] } as const;
      const plan = planOf(requireMtls, choice, await writer.read(place), { ...request(writer, namespace), ...changes });
      assert.ok(!isRefusal(plan), isRefusal(plan) ? plan.refused : '');
      return plan;
    },
    async undo(writer, original) {
      const undo = undoPlanOf(original, await writer.read(original.change), request(writer, ''));
      assert.ok(!isRefusal(undo), isRefusal(undo) ? undo.refused : '');
      return undo;
    },
    async cleared(plan, { approval: changes, writeAs } = {}) {
      const at = bench.now.toISOString();
      const unsigned = { by: { team: 'T1', user: 'UBOB' }, roles: ['sre'], at, digest: plan.digest };
      const approval = { ...unsigned, signature: keys.sign(plan, unsigned), ...changes };
      assert.ok(await bench.store.create(propose(plan, writeAs)));
      await bench.store.change(plan.id, (r) => approve(r, approval));
      await bench.store.change(plan.id, (r) => clear(r, at));
      return plan.id;
    },
    async load(id) {
      const r = await bench.store.load(id);
      assert.ok(r);
      return r;
    },
    async state(id) {
      const r = await bench.load(id);
      return r.state === 'closed' ? `closed: ${r.why}` : r.state;
    },
  };
  return bench;
}
