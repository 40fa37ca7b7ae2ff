import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { digestOf } from '../../../src/fixes/plan.ts';
import type { FixingDeps } from '../../../src/handlers/deps.ts';
import { approvePlan, declinePlan } from '../../../src/handlers/fixes/decisions.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { runAdvance } from '../../../src/jobs/fixes/advance.ts';
import { applyPlan } from '../../../src/jobs/fixes/apply.ts';
import { type ApplyDeps, inFlightMs } from '../../../src/jobs/fixes/apply-deps.ts';
import { settleInterrupted } from '../../../src/jobs/fixes/apply-settle.ts';
import { emergencies } from '../../../src/jobs/fixes/emergencies.ts';
import { runPropose } from '../../../src/jobs/fixes/propose.ts';
import { remediations, StoreDown, type StoreRedis } from '../../../src/jobs/fixes/remediations.ts';
import { signer } from '../../../src/jobs/fixes/signature.ts';
import { tryPlan } from '../../../src/jobs/fixes/try.ts';
import type { Messenger } from '../../../src/jobs/messenger.ts';
import { canonical } from '../../../src/model/canonical.ts';
import { holdsCluster, type Plan, type Remediation } from '../../../src/model/remediation.ts';
import type { KubeObject } from '../../../src/model/sources.ts';
import { IllegalTransition } from '../../../src/model/transition.ts';
import type { ClusterWriter } from '../../../src/model/writer.ts';
import { calmly } from '../../helpers/check-bench.ts';
import { brokenRule, fixBench, fixJob } from '../../helpers/fix-bench.ts';
import { approvalKey, policyWith } from '../../helpers/fixer.ts';
import { labelFix } from '../../helpers/label-fix.ts';
import { exampleReport } from '../../helpers/report.ts';

const bench = fixBench();

const people = ['UANA', 'UBOB', 'UCAT', 'UGUS'] as const;
const names = ['reviews-v1-only', 'extra'] as const;
const minute = 60_000;

const who = fc.constantFrom(...people);
const which = fc.nat({ max: 7 });
const commands = {
  propose: fc.record({ kind: fc.constant('propose' as const), name: fc.constantFrom(...names) }),
  approve: fc.record({ kind: fc.constant('approve' as const), who, which }),
  decline: fc.record({ kind: fc.constant('decline' as const), who, which }),
  undo: fc.record({ kind: fc.constant('undo' as const), who, which }),
  work: fc.record({ kind: fc.constant('work' as const) }),
  fix: fc.record({
    kind: fc.constant('fix' as const),
    which,
    end: fc.constantFrom('well', 'well', 'well', 'dies before', 'dies after', 'no answer', 'lost answer'),
  }),
  usual: fc.record({
    kind: fc.constant('usual' as const),
    which,
    end: fc.constantFrom('well', 'well', 'well', 'dies before', 'dies after'),
    wiped: fc.boolean(),
  }),
  try: fc.record({ kind: fc.constant('try' as const), which }),
  settle: fc.record({ kind: fc.constant('settle' as const) }),
  freeze: fc.record({
    kind: fc.constant('freeze' as const),
    by: fc.constantFrom('command', 'map'),
    on: fc.nat({ max: 3 }).map((n) => n === 0),
  }),
  drift: fc.record({
    kind: fc.constant('drift' as const),
    name: fc.constantFrom(...names),
    how: fc.constantFrom('label', 'wiped'),
  }),
  tamper: fc.record({
    kind: fc.constant('tamper' as const),
    which,
    how: fc.constantFrom('plan', 'digest', 'forged', 'forged', 'no rule', 'borrowed', 'again'),
  }),
  time: fc.record({
    kind: fc.constant('time' as const),
    ms: fc.constantFrom(2 * minute, 2 * minute, 2 * minute, 20 * minute),
  }),
};
const command = fc.oneof(
  { weight: 4, arbitrary: commands.propose },
  { weight: 8, arbitrary: commands.approve },
  { weight: 1, arbitrary: commands.decline },
  { weight: 3, arbitrary: commands.undo },
  { weight: 7, arbitrary: commands.work },
  { weight: 7, arbitrary: commands.usual },
  { weight: 7, arbitrary: commands.fix },
  { weight: 2, arbitrary: commands.try },
  { weight: 3, arbitrary: commands.settle },
  { weight: 2, arbitrary: commands.freeze },
  { weight: 1, arbitrary: commands.drift },
  { weight: 4, arbitrary: commands.tamper },
  { weight: 1, arbitrary: commands.time },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;
type Of<K extends Command['kind']> = Extract<Command, { readonly kind: K }>;

/** What happens at once. */
const script = fc.array(fc.array(command, { minLength: 1, maxLength: 2 }), { minLength: 30, maxLength: 45 });
const losses = fc.infiniteStream(fc.constantFrom('none', ...Array(80).fill('none'), 'call', 'answer'));

/** What really happened, kept where no plan and nobody in Redis can change it. */
function newWorld(approvals: number, lost: Iterator<string>) {
  return {
    approvals,
    lost,
    plans: [] as string[],
    shown: new Map<string, Plan>(),
    /** By plan and person, how many of their clicks count or may do so by now. */
    approved: new Map<string, Map<string, number>>(),
    tampered: new Set<string>(),
    writes: [] as string[],
    frozen: false,
    mapFrozen: false,
    thaws: 0,
    jumps: 0,
    policy: policyWith({ approvals }),
  };
}
type World = ReturnType<typeof newWorld>;

const seen = { writes: 0, undos: 0, unclear: 0, failed: 0, drifted: 0, refused: 0, undone: 0 };

it('nothing is done that was not approved as shown, nothing twice, nothing while stopped, and all is told', async () => {
  // What chance left out comes with more of the same.
  for (let round = 0; round < 4 && !isReached(); round += 1) await explore();
  assert.ok(isReached(), `the test reaches too little: ${JSON.stringify(seen)}`);
});

function isReached(): boolean {
  return Math.min(seen.writes, seen.undos, seen.unclear + seen.failed, seen.drifted + seen.refused) > 0;
}

function explore(): Promise<void> {
  return fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 }), losses, script, async (approvals, lost, batches) => {
      const world = newWorld(approvals, lost);
      await reset();
      for (const batch of batches) {
        await Promise.all(batch.map((one) => act(one, world).catch(tolerate)));
        await keepShown(world);
        await judgeHolders(world);
      }
      await judge(world);
    }),
    { numRuns: 22, endOnFailure: true },
  );
}

/** Whatever runs is run again by the next sweep. */
function tolerate(error: unknown): void {
  if (!(error instanceof Lost || error instanceof StoreDown || error instanceof Died)) throw error;
}

class Lost extends Error {}
class Died extends Error {}

async function reset(): Promise<void> {
  await bench.redis.flushall();
  bench.slack.messages.length = 0;
  bench.now = new Date();
  bench.people.set('UGUS', { guest: true });
  await bench.newCluster();
  const rule = await bench.cluster.read(brokenRule);
  assert.ok(rule);
  const { uid: _, resourceVersion: __, ...metadata } = rule.metadata;
  const after = { ...rule, metadata: { ...metadata, name: 'extra' } };
  await bench.cluster.write({ ...brokenRule, name: 'extra', before: null, after }, { dryRun: false });
}

/** Now and then a call to Redis, or its answer, is lost. */
function shaky(world: World): StoreRedis {
  const { redis } = bench;
  return {
    get: (key) => redis.get(key),
    hgetall: (key) => redis.hgetall(key),
    lrange: (key, from, to) => redis.lrange(key, from, to),
    async eval(text, keys, ...args) {
      const fate = world.lost.next().value;
      const answer = fate === 'call' ? undefined : await redis.eval(text, keys, ...args);
      if (fate !== 'none') throw new Lost();
      return answer;
    },
  };
}

function act(one: Command, world: World): Promise<unknown> {
  switch (one.kind) {
    case 'propose':
      return propose(one.name, world);
    case 'approve':
    case 'decline':
      return click(one, world);
    case 'undo':
      return undo(one, world);
    case 'work':
      return work(world);
    case 'fix':
      return fix(one, world);
    case 'usual':
      return usual(one, world);
    case 'try':
      return tryOne(one, world);
    case 'settle':
      return settleInterrupted(applyDeps(bench.cluster, world));
    case 'freeze':
      return freeze(one, world);
    case 'drift':
      return drift(one);
    case 'tamper':
      return tamper(one, world);
    case 'time':
      world.jumps += 1;
      bench.later(one.ms);
      return Promise.resolve();
  }
}

/** Takes everything: what Slack does not take is the matter of other tests. */
const patientSlack: Messenger = {
  botName: 'meshbot',
  post: async () => ({ ok: true, ts: '1.1' }),
  update: async () => ({ ok: true }),
  find: async () => ({ ok: true }),
  upload: async () => ({ ok: true }),
  permalink: async () => ({ ok: true, url: 'https://slack.example/1' }),
  openDirectMessage: async () => ({ ok: true, channel: 'D1' }),
};

const workerDeps = (world: World) =>
  bench.deps({
    policy: world.policy,
    fixOf: () => labelFix,
    remediations: remediations(shaky(world)),
    answer: async () => ({ report: exampleReport() }),
    messenger: patientSlack,
  });

async function propose(name: string, world: World): Promise<void> {
  const id = newId(world);
  const target = { cluster: 'prod', namespace: 'bookinfo', name };
  const job = { ...fixJob, fix: labelFix.id, requestId: id, requestedAt: bench.now.toISOString(), target };
  await runPropose(job, workerDeps(world), calmly());
}

async function undo({ who: user, which: n }: Of<'undo'>, world: World): Promise<void> {
  const r = await pick(n, world, ({ state }) => state === 'applied' || state === 'verified' || state === 'unverified');
  if (r === undefined) return;
  const requestedBy = { team: 'T1', user };
  const { target, id: undoOf } = r.plan;
  const job = { ...fixJob, fix: labelFix.id, requestId: newId(world), requestedBy, target, undoOf };
  await runPropose({ ...job, requestedAt: bench.now.toISOString() }, workerDeps(world), calmly());
}

function newId(world: World): string {
  const id = `p${String(world.plans.length + 1).padStart(20, '0')}`;
  world.plans.push(id);
  return id;
}

async function click({ kind, who: user, which: n }: Of<'approve' | 'decline'>, world: World): Promise<void> {
  const r = await pick(n, world, ({ state }) => state === 'proposed');
  if (r === undefined) return;
  const actor = { team: 'T1', user };
  if (kind === 'decline') return void (await declinePlan(r, actor, botDeps(world)));
  if (canonical(r.plan) !== canonical(world.shown.get(r.plan.id) ?? r.plan)) {
    await approvePlan(r, { actor }, botDeps(world));
    return;
  }
  // It may be applied before the click has its answer.
  note(r.plan.id, user, 1, world);
  const { counts } = await approvePlan(r, { actor }, botDeps(world));
  if (!counts) note(r.plan.id, user, -1, world);
}

function note(id: string, user: string, more: number, { approved }: World): void {
  const given = approved.get(id) ?? new Map<string, number>();
  approved.set(id, given.set(user, (given.get(user) ?? 0) + more));
}

function botDeps(world: World): FixingDeps {
  const worker = workerDeps(world);
  return {
    log: bench.log.log,
    now: () => bench.now,
    audit: auditLog(bench.redis),
    fixes: {
      policy: world.policy,
      people: { ask: worker.person, recent: () => undefined },
      remediations: worker.remediations,
      queues: { ...worker.queues, propose: async () => ({ status: 'queued' }) },
      audit: auditLog(bench.redis),
      emergencies: emergencies(bench.redis),
      signer: signer(approvalKey),
      digestOf,
      newPlanId: () => newId(world),
    },
  } as Partial<FixingDeps> as FixingDeps;
}

async function work(world: World): Promise<void> {
  for (const id of await bench.store.open('prod')) {
    const r = await bench.store.load(id);
    if (r?.state !== 'closed' && r?.state !== 'undone') await runAdvance(id, workerDeps(world)).catch(tolerate);
  }
}

function applyDeps(writer: ClusterWriter, world: World): ApplyDeps {
  return {
    cluster: 'prod',
    remediations: remediations(shaky(world)),
    audit: auditLog(bench.redis),
    writer,
    fixOf: () => labelFix,
    policy: () => world.policy,
    signer: signer(approvalKey),
    log: bench.log.log,
    now: () => bench.now,
    wake: async () => {},
    onSettled: () => {},
    working: new Set(),
    inFlightMs,
  };
}

async function fix({ which: n, end }: Of<'fix'>, world: World): Promise<void> {
  const r = await pick(n, world, ({ state }) => state === 'cleared' || state === 'applying');
  if (r !== undefined) await fixOne(r.plan.id, end, world);
}

async function fixOne(id: string, end: Of<'fix'>['end'], world: World): Promise<void> {
  const wasFrozen = world.frozen || world.mapFrozen;
  const { thaws, jumps } = world;
  const writer: ClusterWriter = {
    ...bench.cluster,
    async write(change, options) {
      if (options.dryRun) return bench.cluster.write(change, options);
      if (end === 'dies before') throw new Died();
      if (end === 'no answer') return { status: 'unavailable', detail: 'nothing came', written: 'maybe' };
      const outcome = await bench.cluster.write(change, options);
      if (outcome.status === 'written') {
        assert.ok(!wasFrozen || world.thaws > thaws, `${id} was written while all was stopped`);
        judgeWrite(id, change, world);
        if (world.jumps === jumps) await judgeTime(id, world);
      }
      if (end === 'dies after') throw new Died();
      return end === 'lost answer' ? { status: 'unavailable', detail: 'it got lost', written: 'maybe' } : outcome;
    },
  };
  await applyPlan(id, applyDeps(writer, world)).catch((error: unknown) => {
    // Whoever writes to Redis between two looks makes a step illegal: nothing is done.
    if (!(error instanceof IllegalTransition && world.tampered.has(id))) throw error;
  });
}

/** Whatever plan it is, and whoever changed it: nothing is written, and it takes no step. */
async function tryOne({ which: n }: Of<'try'>, world: World): Promise<void> {
  const r = await pick(n, world, () => true);
  if (r === undefined) return;
  const writer: ClusterWriter = {
    ...bench.cluster,
    async write(change, options) {
      assert.ok(options.dryRun, `${r.plan.id} was written by a try`);
      return bench.cluster.write(change, options);
    },
  };
  await tryPlan(r.plan.id, applyDeps(writer, world));
}

/** What was shown, agreed to by enough people who may, for the first time. */
function judgeWrite(id: string, change: Plan['change'], world: World): void {
  const plan = world.shown.get(id);
  assert.ok(plan, `${id} was never shown`);
  assert.equal(canonical(change), canonical(plan.change), `${id} is not what was shown`);
  const given = [...(world.approved.get(id) ?? [])].filter(([, clicks]) => clicks > 0);
  const may = given.filter(([user]) => user !== 'UGUS' && (plan.undoOf !== undefined || user !== 'UANA'));
  const wanted = plan.undoOf === undefined ? world.approvals : 1;
  assert.ok(may.length >= wanted, `${id} was approved by ${may.length} of ${wanted}`);
  assert.ok(!world.writes.includes(id), `${id} was written twice`);
  world.writes.push(id);
  seen.writes += 1;
  if (plan.undoOf !== undefined) seen.undos += 1;
}

/** The worker looked at it right before. */
async function judgeTime(id: string, world: World): Promise<void> {
  const r = await bench.store.load(id);
  if (r?.state !== 'applying' || world.tampered.has(id)) return;
  const looked = r.steps.at(-2);
  const age = Date.parse(r.startedAt) - Date.parse(looked?.at ?? '');
  assert.ok(age <= minute, `${id} was looked at ${age} ms before it was written: ${looked?.says}`);
}

/** What people and processes mostly do, up to the fixer that follows one that died. */
async function usual({ which: n, end, wiped }: Of<'usual'>, world: World): Promise<void> {
  await click({ kind: 'approve', who: 'UBOB', which: n }, world);
  if (world.approvals === 2) await click({ kind: 'approve', who: 'UCAT', which: n }, world);
  await work(world);
  await fix({ kind: 'fix', which: n, end }, world).catch(tolerate);
  if (end !== 'well') {
    for (const name of wiped ? names : []) await drift({ kind: 'drift', name, how: 'wiped' });
    world.jumps += 1;
    bench.later(2 * minute);
    await settleInterrupted(applyDeps(bench.cluster, world));
  }
  await work(world);
}

async function freeze({ by, on }: Of<'freeze'>, world: World): Promise<void> {
  if (!on) world.thaws += 1;
  if (by === 'map') {
    bench.cluster.freeze(on ? 'a test' : undefined);
    world.mapFrozen = on;
    return;
  }
  const ben = { team: 'T1', user: 'UBOB' };
  if (on) await bench.store.freeze.set(ben, bench.now.toISOString());
  else await bench.store.freeze.clear(ben, bench.now.toISOString());
  world.frozen = on;
}

/** Somebody sets a label, or puts back what the repository says: what we wrote is gone without a trace. */
async function drift({ name, how }: Of<'drift'>): Promise<void> {
  await bench.cluster.edit({ ...brokenRule, name }, 'kubectl-edit', (object) => ({
    ...object,
    metadata:
      how === 'label'
        ? {
            ...object.metadata,
            labels: { ...object.metadata.labels, team: bench.now.toISOString().replaceAll(':', '') },
          }
        : withoutTrace(object.metadata),
  }));
}

function withoutTrace({ labels: _, annotations: __, ...rest }: KubeObject['metadata']): KubeObject['metadata'] {
  return rest;
}

/** Somebody writes to Redis what suits them. They have no key. */
async function tamper({ which: n, how }: Of<'tamper'>, world: World): Promise<void> {
  const isOpen = ({ state }: Remediation) => state === 'proposed' || state === 'approved' || state === 'cleared';
  const r = await pick(n, world, (one) => (how === 'again' ? 'written' in one : isOpen(one)));
  if (r === undefined) return;
  world.tampered.add(r.plan.id);
  const key = `meshbot:remediation:${r.plan.id}`;
  const { value = '{}', version } = await bench.redis.hgetall(key);
  const stored = { ...(JSON.parse(value) as Remediation), version: Number(version) };
  const cleared = { state: 'cleared', clearedAt: bench.now.toISOString() };
  const { plan, approvals } = stored;
  const labels = { ...plan.change.after?.metadata.labels, evil: 'yes' };
  const after = plan.change.after && { ...plan.change.after, metadata: { ...plan.change.after.metadata, labels } };
  const evil = { ...plan, change: { ...plan.change, after } };
  const forged = { by: { team: 'T1', user: 'UCAT' }, roles: ['sre'], at: bench.now.toISOString(), digest: plan.digest };
  const others = [...world.shown.keys()].map((id) => bench.store.load(id));
  const borrowed = (await Promise.all(others)).flatMap((one) => one?.approvals ?? []);
  const changes: Record<Of<'tamper'>['how'], object> = {
    plan: { plan: evil },
    digest: { plan: { ...evil, digest: digestOf(evil) } },
    forged: { ...cleared, approvals: [...approvals, { ...forged, signature: 'f'.repeat(64) }] },
    'no rule': { ...cleared, plan: { ...plan, rule: { ...plan.rule, approvals: 0, selfApproval: true } } },
    borrowed: { ...cleared, approvals: borrowed },
    again: cleared,
  };
  const sneak =
    "if redis.call('HGET', KEYS[1], 'version') == ARGV[1] then redis.call('HSET', KEYS[1], 'value', ARGV[2]) end";
  await bench.redis.eval(sneak, 1, key, version ?? '', JSON.stringify({ ...stored, ...changes[how] }));
  await fixOne(r.plan.id, 'well', world);
}

async function pick(n: number, { plans }: World, fits: (r: Remediation) => boolean): Promise<Remediation | undefined> {
  const all = await Promise.all([...new Set([...plans, ...(await bench.store.open('prod'))])].map(bench.store.load));
  const fitting = all.filter((r): r is Remediation => r !== undefined && fits(r));
  return fitting[n % Math.max(1, fitting.length)];
}

/** The first time that a plan is seen, it is what people see. */
async function keepShown(world: World): Promise<void> {
  for (const id of await bench.store.open('prod')) {
    const r = await bench.store.load(id);
    if (r === undefined || world.shown.has(id)) continue;
    assert.ok(!world.tampered.has(id) || r.state !== 'applied');
    if (!world.tampered.has(id)) world.shown.set(id, r.plan);
  }
}

async function judgeHolders(world: World): Promise<void> {
  const all = await Promise.all([...world.shown.keys()].map(bench.store.load));
  const holding = all.filter((r) => r !== undefined && holdsCluster(r) && !world.tampered.has(r.plan.id));
  assert.ok(holding.length <= 1, `${holding.length} plans hold the cluster`);
}

async function judge(world: World): Promise<void> {
  const audit = auditLog(bench.redis);
  assert.ok('head' in (await audit.verify()), 'the audit log is broken');
  for (const id of world.shown.keys()) {
    const r = await bench.store.load(id);
    if (r === undefined || world.tampered.has(id)) continue;
    const written = world.writes.filter((one) => one === id).length;
    if (r.state === 'closed') {
      if (r.why !== 'unclear') assert.equal(written, 0, `${id} is said to be ${r.why}, and was written`);
      if (r.why in seen) seen[r.why as keyof typeof seen] += 1;
    }
    if (r.state === 'undone') seen.undone += 1;
    // Refused clicks and dry runs are told too, and are no steps.
    const records = await audit.last(1_000, { plan: id });
    const steps = records.filter(({ kind, by }) => kind !== 'dry-run' && (kind !== 'refused' || by === undefined));
    assert.equal(steps.length, r.version, `${id} took ${r.version} steps`);
  }
}
