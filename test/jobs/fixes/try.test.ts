import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { digestOf } from '../../../src/fixes/plan.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import type { ApplyDeps } from '../../../src/jobs/fixes/apply.ts';
import { tryPlan } from '../../../src/jobs/fixes/try.ts';
import type { Change } from '../../../src/model/fix.ts';
import { approve, decline, propose } from '../../../src/model/life.ts';
import type { KubernetesIdentity, Plan } from '../../../src/model/remediation.ts';
import { type KubeObject, SourceError, UsageError } from '../../../src/model/sources.ts';
import type { Trial } from '../../../src/model/trial.ts';
import type { ClusterWriter, WriteOptions, WriteOutcome } from '../../../src/model/writer.ts';
import { type ExampleCluster, exampleCluster } from '../../../src/sandbox/example-cluster.ts';
import { fixerBench, policy } from '../../helpers/fixer.ts';
import { approvalOf } from '../../helpers/remediations.ts';

const bench = fixerBench();
const done = { status: 'done' };
const ana: KubernetesIdentity = { user: 'ana@example.com', groups: ['sre'] };
let cluster: ExampleCluster;
/** What was asked of the writer besides reading. */
const asked: string[] = [];

beforeEach(async () => {
  cluster = await exampleCluster({ name: 'prod', folder: 'examples/bookinfo-permissive/mesh' });
  asked.length = 0;
});

/** Never lets anything through but dry runs; `answer`: what they come to, where it is not what the API server says. */
function watched(answer?: WriteOutcome, more: Partial<ClusterWriter> = {}): ClusterWriter {
  return {
    ...cluster,
    async write(change: Change, options: WriteOptions) {
      assert.ok(options.dryRun, 'a try wrote');
      asked.push(`dry run as ${options.as?.user ?? 'the fixer'}`);
      return answer ?? cluster.write(change, options);
    },
    isAllowed: async (_, as) => {
      asked.push(`rights of ${as.user}`);
      return true;
    },
    note: async () => assert.fail('a try made an Event'),
    ...more,
  };
}

async function proposed(writeAs?: KubernetesIdentity): Promise<Plan> {
  const plan = await bench.plan(cluster, 'bookinfo', 'migration');
  await bench.store.create(propose(plan, writeAs));
  return plan;
}

async function tried({ id }: Plan, writer = watched(), changes: Partial<ApplyDeps> = {}): Promise<Trial | undefined> {
  assert.deepEqual(await tryPlan(id, bench.deps(writer, changes)), done);
  return (await bench.load(id)).tried;
}

const kinds = async () => (await auditLog(bench.redis).read(1, 50)).map(({ kind }) => kind);
const edit = (plan: Plan) =>
  cluster.edit(plan.change, 'kubectl-edit', (object) => ({ ...object, spec: { mtls: { mode: 'DISABLE' } } }));

describe('a try', () => {
  it('finds that the API server takes it, writes nothing, and is no step', async () => {
    const plan = await proposed();
    const before = await cluster.read(plan.change);
    const trial = await tried(plan);
    assert.deepEqual([trial?.outcome, trial?.why, trial?.at], ['ok', undefined, bench.now.toISOString()]);
    const { state, version, approvals } = await bench.load(plan.id);
    assert.deepEqual([state, version, approvals], ['proposed', 1, []]);
    assert.deepEqual([await cluster.read(plan.change), cluster.writes], [before, []]);
    assert.deepEqual(
      [asked, await kinds(), bench.woken],
      [['dry run as the fixer'], ['proposed', 'dry-run'], [plan.id]],
    );
    assert.deepEqual(bench.settled, []);
  });

  it('leaves one record for what it finds, however often, and another for something else', async () => {
    const plan = await proposed();
    const forbidden: WriteOutcome = { status: 'forbidden', detail: 'User "fixer" cannot patch.' };
    for (let count = 0; count < 3; count += 1) {
      bench.now = new Date(bench.now.getTime() + 60_000);
      assert.equal((await tried(plan, watched(forbidden)))?.at, bench.now.toISOString());
    }
    assert.deepEqual(await kinds(), ['proposed', 'dry-run']);
    assert.deepEqual(bench.woken, [plan.id]);
    await tried(plan);
    await tried(plan);
    assert.deepEqual(await kinds(), ['proposed', 'dry-run', 'dry-run']);
    assert.equal(cluster.writes.length, 0);
  });

  it('leaves one record while the cluster does not answer, whatever the network says of it', async () => {
    const plan = await proposed();
    for (const port of [40001, 40002, 40003]) {
      const read = async () =>
        Promise.reject(new SourceError('unreachable', `The connection from port ${port} broke.`));
      assert.match((await tried(plan, watched(undefined, { read })))?.why ?? '', new RegExp(String(port)));
    }
    assert.deepEqual(await kinds(), ['proposed', 'dry-run']);
  });

  it('asks as whoever it would be written as, where the policy says who that is', async () => {
    const plan = await proposed(ana);
    const changes = { policy: () => ({ ...policy, people: { UANA: ana } }) };
    assert.equal((await tried(plan, watched(), changes))?.outcome, 'ok');
    assert.deepEqual(asked, ['rights of ana@example.com', 'dry run as ana@example.com']);
    const refused = await tried(plan, watched(undefined, { isAllowed: async () => false }), changes);
    assert.equal(refused?.outcome, 'refused');
    assert.match(refused?.why ?? '', /ana@example\.com/);
  });

  it('says what to type where the fixer may not', async () => {
    const plan = await proposed();
    const command = /kubectl apply -n bookinfo -k deploy\/fixes\/require-mtls/;
    const forbidden = await tried(plan, watched({ status: 'forbidden', detail: 'User "fixer" cannot patch.' }));
    assert.equal(forbidden?.outcome, 'refused');
    assert.match(forbidden?.why ?? '', command);
    const read = async () =>
      Promise.reject(new SourceError('forbidden', 'I may not get it.', { next: 'Ask an admin.' }));
    const unread = await tried(plan, watched(undefined, { read }));
    assert.equal(unread?.outcome, 'refused');
    assert.match(unread?.why ?? '', command);
  });

  const cases: readonly [string, Trial['outcome'], (plan: Plan) => Promise<Parameters<typeof tried>[1]>][] = [
    ['a webhook refuses it', 'refused', async () => watched({ status: 'rejected', by: 'a webhook', detail: 'no' })],
    [
      'a webhook would make something else of it',
      'drifted',
      async ({ change }) =>
        watched({
          status: 'written',
          object: { ...(change.after as KubeObject), spec: { mtls: { mode: 'PERMISSIVE' } } },
        }),
    ],
    [
      'the object was changed since',
      'drifted',
      async (plan) => {
        await edit(plan);
        return watched();
      },
    ],
    ['the ConfigMap stops all changes', 'refused', async () => watched(undefined, { frozen: async () => 'a release' })],
    [
      'it cannot be seen whether the ConfigMap stops all changes',
      'refused',
      async () =>
        watched(undefined, { frozen: async () => Promise.reject(new SourceError('forbidden', 'I may not.')) }),
    ],
    [
      'the cluster does not answer',
      'unknown',
      async () => watched(undefined, { read: async () => Promise.reject(new SourceError('timeout', 'It is slow.')) }),
    ],
    [
      'the dry run gets no answer',
      'unknown',
      async () => watched({ status: 'unavailable', detail: 'It broke off.', written: 'maybe' }),
    ],
  ];
  for (const [when, outcome, arrange] of cases) {
    it(`is ${outcome} where ${when}`, async () => {
      const plan = await proposed();
      const trial = await tried(plan, await arrange(plan));
      assert.equal(trial?.outcome, outcome);
      assert.notEqual(trial?.why ?? '', '');
      assert.deepEqual([cluster.writes.length, await kinds()], [0, ['proposed', 'dry-run']]);
    });
  }

  for (const [when, changes] of [
    ['the policy has no rule for it', { policy: () => ({ ...policy, fixes: [] }) }],
    ['the policy says somebody else is behind it', { policy: () => ({ ...policy, people: { UANA: ana } }) }],
    [
      'the policy cannot be followed',
      {
        policy: () => {
          throw new UsageError('The policy is broken.');
        },
      },
    ],
    [
      'the fixer does not know the fix',
      {
        fixOf: () => {
          throw new UsageError('There is no such fix.');
        },
      },
    ],
  ] satisfies readonly [string, Partial<ApplyDeps>][]) {
    it(`is refused where ${when}, and nothing is run`, async () => {
      assert.equal((await tried(await proposed(), watched(), changes))?.outcome, 'refused');
      assert.deepEqual(asked, []);
    });
  }

  it('is no matter of the freeze in Slack, which the card shows and an approval outlasts', async () => {
    const plan = await proposed();
    await bench.store.freeze.set({ team: 'T1', user: 'UCAT' }, bench.now.toISOString());
    assert.equal((await tried(plan))?.outcome, 'ok');
  });
});

describe('whoever writes to Redis cannot have the fixer try', () => {
  const evil = (plan: Plan): Plan => {
    const after = { ...(plan.change.after as KubeObject), spec: { mtls: { mode: 'DISABLE' } } };
    return { ...plan, change: { ...plan.change, after } };
  };
  const forgeries: readonly [string, (stored: { plan: Plan }) => object][] = [
    ['another content, with the old digest', ({ plan }) => ({ plan: evil(plan) })],
    ['another content, with its own digest', ({ plan }) => ({ plan: { ...evil(plan), digest: digestOf(evil(plan)) } })],
    ['a write as somebody else', () => ({ writeAs: { user: 'admin', groups: ['system:masters'] } })],
  ];
  for (const [what, forge] of forgeries) {
    it(`${what}: it is refused, nothing is run, and there is one record`, async () => {
      const plan = await proposed();
      const key = `meshbot:remediation:${plan.id}`;
      const stored = JSON.parse((await bench.redis.hget(key, 'value')) ?? '');
      await bench.redis.hset(key, { value: JSON.stringify({ ...stored, ...forge(stored) }) });
      for (let count = 0; count < 2; count += 1) assert.equal((await tried(plan))?.outcome, 'refused');
      assert.deepEqual([asked, cluster.writes, await kinds()], [[], [], ['proposed', 'dry-run']]);
      assert.equal(await bench.state(plan.id), 'proposed');
    });
  }

  it('a plan that is not proposed, not of this cluster, over, an undo, or not there: nothing at all happens', async () => {
    const by = { team: 'T1', user: 'UBOB' };
    const at = bench.now.toISOString();
    const [approved, declined, late, undo, foreign] = await Promise.all([
      proposed(),
      proposed(),
      proposed(),
      bench.plan(cluster, 'bookinfo', 'migration'),
      bench.plan(cluster, 'bookinfo', 'migration'),
    ]);
    await bench.store.change(approved.id, (r) => approve(r, approvalOf(approved, 'UBOB', { at })));
    await bench.store.change(declined.id, (r) => decline(r, by, at));
    await bench.store.create(propose({ ...undo, undoOf: late.id }));
    await bench.store.create(propose({ ...foreign, target: { cluster: 'elsewhere', namespace: 'bookinfo' } }));
    const records = await kinds();
    for (const plan of [approved, declined, undo, foreign]) assert.equal(await tried(plan), undefined);
    bench.now = new Date(Date.parse(late.expiresAt));
    assert.equal(await tried(late), undefined);
    assert.deepEqual(await tryPlan('pnone', bench.deps(watched())), done);
    assert.deepEqual([asked, bench.woken, await kinds()], [[], [], records]);
  });
});
