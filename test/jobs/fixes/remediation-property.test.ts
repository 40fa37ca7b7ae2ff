import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { patientRedis } from '../../../src/clients/redis.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { type Remediations, remediations, type StoreRedis } from '../../../src/jobs/fixes/remediations.ts';
import {
  approve,
  begin,
  beginUndo,
  clear,
  decline,
  drift,
  expire,
  fail,
  IllegalTransition,
  outdate,
  propose,
  refuse,
  type Transition,
  undone,
  verify,
  wrote,
} from '../../../src/model/life.ts';
import type { Plan, Remediation } from '../../../src/model/remediation.ts';
import { startRedis, type TestRedis } from '../../helpers/redis.ts';
import { approvalOf, minute, person, planWith } from '../../helpers/remediations.ts';

const plans = [1, 2, 1].map((approvals, n) => planWith({ id: `p${n}` }, { approvals, selfApproval: n === 2 }));
/** The first asked for the plans; the last two are one to the API server. */
const people = [
  ['UANA', 'ana'],
  ['UBEN', 'ben'],
  ['UCARLA', 'carla'],
  ['UCARLA2', 'carla'],
] as const;

const endings = ['decline', 'refuse', 'drift', 'expire'] as const;
const sequels = ['verify', 'unverify', 'undo', 'undone', 'outdate'] as const;
type StepKind = (typeof endings)[number] | (typeof sequels)[number];

const plan = fc.constantFrom(...plans);
const commandOf = {
  approve: fc.record({
    kind: fc.constant('approve' as const),
    plan,
    who: fc.constantFrom(...people),
    isRight: fc.integer({ min: 0, max: 5 }).map((n) => n < 5),
    at: fc.constantFrom(minute(1), minute(2), minute(3), minute(4), minute(60)),
    alone: fc.integer({ min: 0, max: 9 }).map((n) => n === 1),
  }),
  clear: fc.record({ kind: fc.constant('clear' as const), plan }),
  fix: fc.record({
    kind: fc.constant('fix' as const),
    plan,
    crash: fc.constantFrom('no', 'no', 'before', 'after'),
    fails: fc.integer({ min: 0, max: 5 }).map((n) => n === 1),
  }),
  settle: fc.record({ kind: fc.constant('settle' as const), plan }),
  step: fc.record({
    kind: fc.constant('step' as const),
    plan,
    step: fc.oneof(
      { weight: 1, arbitrary: fc.constantFrom(...endings) },
      { weight: 9, arbitrary: fc.constantFrom(...sequels) },
    ),
  }),
  freeze: fc.record({ kind: fc.constant('freeze' as const), on: fc.integer({ min: 0, max: 2 }).map((n) => n === 1) }),
};
const command = fc.oneof(
  { weight: 6, arbitrary: commandOf.approve },
  { weight: 5, arbitrary: commandOf.clear },
  { weight: 6, arbitrary: commandOf.fix },
  { weight: 3, arbitrary: commandOf.settle },
  { weight: 9, arbitrary: commandOf.step },
  { weight: 1, arbitrary: commandOf.freeze },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;
const script = fc.array(command, { minLength: 35, maxLength: 50 });
const fault = fc.constantFrom<Fault>(...Array(30).fill('none'), 'before', 'after');
type Fault = 'none' | 'before' | 'after';

/** What a cluster would know: who wrote what, and which fixers died in between. */
function world() {
  return { writes: [] as string[], holding: new Set<string>(), died: new Set<string>(), kept: 0, busy: 0 };
}
type World = ReturnType<typeof world>;

let server: TestRedis;
let redis: Redis;
const seen = { writes: 0, busy: 0 };

before(async () => {
  server = await startRedis();
  redis = patientRedis({ url: server.url, name: 'test', onError: () => {} });
});
after(async () => {
  redis.disconnect();
  await server.close();
});

it('nothing is written that was not approved, nothing twice, and all of it is in the log', async () => {
  const scripts = fc.array(script, { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(scripts, fc.scheduler(), fc.infiniteStream(fault), async (all, scheduler, faults) => {
      await redis.flushall();
      const one = world();
      for (const each of plans)
        await remediations(redis)
          .create(propose(each))
          .then((done) => count(one, done));
      const running = all.map((commands) => play(commands, remediations(unreliable(scheduler, faults)), one));
      await scheduler.waitFor(Promise.all(running));
      await judge(one);
    }),
    { numRuns: 30 },
  );
  assert.ok(Math.min(seen.writes, seen.busy) > 0, `the test reaches too little: ${JSON.stringify(seen)}`);
});

/** Each call is made when the scheduler says so; now and then the call or its answer is lost. */
function unreliable(scheduler: fc.Scheduler, faults: Iterator<Fault>): StoreRedis {
  let lost = 0;
  const call = scheduler.scheduleFunction(async (text: string, keys: number, args: string[]) => {
    const next = lost < 2 ? (faults.next().value as Fault) : 'none';
    lost = next === 'none' ? 0 : lost + 1;
    const answer = next === 'before' ? undefined : await redis.eval(text, keys, ...args);
    return { answer, isLost: next !== 'none' };
  });
  return {
    get: scheduler.scheduleFunction((key: string) => redis.get(key)),
    hgetall: scheduler.scheduleFunction((key: string) => redis.hgetall(key)),
    lrange: (key, from, to) => redis.lrange(key, from, to),
    async eval(text, keys, ...args) {
      const { answer, isLost } = await call(text, keys, args);
      if (isLost) throw new Error('The connection was lost');
      return answer;
    },
  };
}

async function play(commands: readonly Command[], store: Remediations, one: World): Promise<void> {
  for (const each of commands) {
    if (each.kind === 'freeze') {
      if (each.on) count(one, await store.freeze.set(person('UBEN'), minute(5)));
      else count(one, await store.freeze.clear(person('UBEN'), minute(6)));
    } else if (each.kind === 'fix') {
      await fix(each, store, one);
    } else if (each.kind === 'settle') {
      await settle(each.plan, store, one);
    } else {
      await take(store, each.plan, one, (r) => stepOf(each, r));
    }
  }
}

function stepOf(each: Exclude<Command, { kind: 'freeze' | 'fix' | 'settle' }>, r: Remediation): Transition {
  if (each.kind === 'clear') return clear(r, minute(4));
  if (each.kind === 'approve') {
    const [user, kubernetesUser] = each.who;
    const digest = each.isRight ? r.plan.digest : '0'.repeat(64);
    const kubernetes = { user: kubernetesUser, groups: [] };
    const approval = { kubernetes, digest, at: each.at, ...(each.alone && { breakGlass: 'all is down' }) };
    return approve(r, approvalOf(r.plan, user, approval));
  }
  const by = person('UBEN');
  const of: Record<StepKind, () => Transition> = {
    decline: () => decline(r, by, minute(5)),
    refuse: () => refuse(alive(r), 'Changes are stopped', minute(5)),
    drift: () => drift(alive(r), 'it was changed', minute(5)),
    expire: () => expire(r, minute(61)),
    verify: () => verify(r, { state: 'verified', says: 'all have it' }, minute(6)),
    unverify: () => verify(r, { state: 'unverified', says: 'none has it' }, minute(6)),
    undo: () => beginUndo(r, 'p9', by, minute(7)),
    undone: () => undone(r, by, minute(8)),
    outdate: () => outdate(r, minute(5)),
  };
  return of[each.step]();
}

/** Only the fixer ends what it began. */
function alive(r: Remediation): Remediation {
  if (r.state === 'applying') throw new IllegalTransition(r, 'refuse', 'state');
  return r;
}

async function fix({ plan: { id }, crash, fails }: Command & { kind: 'fix' }, store: Remediations, one: World) {
  if ((await store.freeze.get()) !== undefined) return;
  const begun = await take(store, { id }, one, (r) => begin(r, minute(5)));
  if (begun === undefined) return;
  assert.ok(isRightlyBegun(begun), `begun without enough approvals: ${JSON.stringify(begun.approvals)}`);
  assert.match(begun.steps.at(-2)?.says ?? '', /^Checked again/, 'begun without a look right before');
  assert.deepEqual([...one.holding], [], `${id} was begun while another held the cluster`);
  one.holding.add(id);
  if (crash === 'before') return void one.died.add(id);
  if (!fails) one.writes.push(id);
  if (crash === 'after') return void one.died.add(id);
  await end(id, store, one);
}

/** A starting fixer looks whether the dead one wrote. */
async function settle({ id }: Plan, store: Remediations, one: World): Promise<void> {
  if (one.died.delete(id)) await end(id, store, one);
}

async function end(id: string, store: Remediations, one: World): Promise<void> {
  if (!one.writes.includes(id)) one.holding.delete(id);
  const ended = await take(store, { id }, one, (r) =>
    one.writes.includes(id)
      ? wrote(r, { at: minute(5) }, minute(9), minute(5))
      : fail(r, 'it was not written', minute(5)),
  );
  assert.ok(ended, 'nobody but the fixer ends what it began');
}

async function take(
  store: Remediations,
  { id }: Pick<Plan, 'id'>,
  one: World,
  step: (r: Remediation) => Transition,
): Promise<Remediation | undefined> {
  try {
    // By the time the verdict is in the store, another may hold the cluster before this client hears of it.
    const changed = await store.change(id, (r) => {
      const transition = step(r);
      if (r.state === 'applied') one.holding.delete(id);
      return transition;
    });
    if (changed.status === 'busy') one.busy += 1;
    count(one, changed.status === 'changed');
    return changed.status === 'changed' ? changed.remediation : undefined;
  } catch (error) {
    if (error instanceof IllegalTransition) return undefined;
    throw error;
  }
}

function count(one: World, kept: unknown): void {
  if (kept) one.kept += 1;
}

/** Counted apart from the code under test. */
function isRightlyBegun({ plan: { digest, rule, requestedBy }, approvals }: Remediation): boolean {
  const others = approvals.filter((each) => rule.selfApproval || each.by.user !== requestedBy.user);
  const users = new Set(others.map(({ by }) => by.user));
  const accounts = new Set(others.map(({ kubernetes }) => kubernetes?.user));
  const isOfThis = approvals.every((each) => each.digest === digest && each.at < minute(60));
  const isEmergency = approvals.some(({ breakGlass }) => breakGlass !== undefined);
  return isOfThis && (isEmergency || Math.min(users.size, accounts.size) >= rule.approvals);
}

async function judge(one: World): Promise<void> {
  const log = auditLog(redis);
  const records = await log.read(1, 10_000);
  assert.deepEqual(await log.verify(), { records: one.kept, head: records.at(-1)?.hash });
  assert.equal(new Set(one.writes).size, one.writes.length, 'written twice');
  for (const { id } of plans) {
    const r = (await remediations(redis).load(id)) ?? assert.fail(`${id} is gone`);
    const own = records.filter((record) => record.plan === id);
    assert.equal(r.version, own.length, 'a version without a record, or a record without a version');
    assert.deepEqual(
      r.steps.map(({ says }) => says),
      own.map(({ says }) => says),
    );
    assert.ok(own.filter(({ kind }) => kind === 'applying').length <= 1, 'begun twice');
    const isWritten = ['applied', 'verified', 'unverified', 'undone'].includes(r.state);
    if (r.state !== 'applying') assert.equal(one.writes.includes(id), isWritten, `${id} is ${r.state}`);
  }
  seen.writes += one.writes.length;
  seen.busy += one.busy;
}
