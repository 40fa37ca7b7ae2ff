import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { digestOf } from '../../../src/fixes/plan.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { type ApplyDeps, applyPlan } from '../../../src/jobs/fixes/apply.ts';
import { settleInterrupted } from '../../../src/jobs/fixes/apply-settle.ts';
import { begin, clear } from '../../../src/model/life.ts';
import type { Plan } from '../../../src/model/remediation.ts';
import { type KubeObject, SourceError } from '../../../src/model/sources.ts';
import type { ClusterWriter, WriteOutcome } from '../../../src/model/writer.ts';
import { type ExampleCluster, exampleCluster } from '../../../src/sandbox/example-cluster.ts';
import { fixerBench, policy, policyWith } from '../../helpers/fixer.ts';

const bench = fixerBench();
const done = { status: 'done' };
let cluster: ExampleCluster;
beforeEach(async () => {
  cluster = await exampleCluster({ name: 'prod', folder: 'examples/bookinfo-permissive/mesh' });
});

/** To STRICT, of a policy that is there. */
const update = () => bench.plan(cluster, 'bookinfo', 'migration');
const creation = () => bench.plan(cluster, 'shop');
const modeOf = (object: KubeObject | null) => (object?.spec as { mtls: { mode: string } } | undefined)?.mtls.mode;

/** Nothing is different for the fixer itself. */
async function following(deed: unknown): Promise<Partial<ApplyDeps>> {
  await deed;
  return {};
}

function later(ms: number): void {
  bench.now = new Date(bench.now.getTime() + ms);
}

/** Somebody else edits the object of a plan. */
const edit = (plan: Plan) =>
  cluster.edit(plan.change, 'kubectl-edit', (object) => ({ ...object, spec: { mtls: { mode: 'DISABLE' } } }));

/** Something else happens during the dry run. */
function whileAsked(happens: () => void): Partial<ApplyDeps> {
  const writer: ClusterWriter = {
    ...cluster,
    write(change, options) {
      happens();
      return cluster.write(change, options);
    },
  };
  return { writer };
}

async function kindsOf(plan: string): Promise<string[]> {
  return (await auditLog(bench.redis).last(100, { plan })).map(({ kind }) => kind);
}

/** A writer whose writes end in another way; `first` is what is done instead of a real write. */
function writerWith(first: (write: () => Promise<WriteOutcome>) => Promise<WriteOutcome>): ClusterWriter {
  return {
    ...cluster,
    write: (change, options) =>
      options.dryRun ? cluster.write(change, options) : first(() => cluster.write(change, options)),
  };
}

describe('applying a plan', () => {
  for (const [what, make] of Object.entries({ update, creation })) {
    it(`writes it once: ${what}`, async () => {
      const plan = await make();
      const id = await bench.cleared(plan);
      const deps = bench.deps(cluster);
      assert.deepEqual(await applyPlan(id, deps), done);
      assert.deepEqual(await applyPlan(id, deps), done);
      const r = await bench.load(id);
      assert.equal(r.state, 'applied');
      const live = await cluster.read(plan.change);
      assert.equal(modeOf(live), 'STRICT');
      assert.ok(r.state === 'applied' && r.written.resourceVersion === live?.metadata.resourceVersion);
      assert.ok(r.state === 'applied' && Date.parse(r.verifyUntil) > bench.now.getTime());
      assert.equal(cluster.writes.length, 1);
      assert.deepEqual([bench.settled, bench.woken], [['applied'], [id]]);
      const kinds = (await auditLog(bench.redis).read(1, 20)).map(({ kind }) => kind);
      assert.deepEqual(kinds, ['proposed', 'approved', 'cleared', 'dry-run', 'applying', 'applied']);
    });

    it(`takes it back: ${what}`, async () => {
      const plan = await make();
      const before = modeOf(await cluster.read(plan.change));
      await applyPlan(await bench.cleared(plan), bench.deps(cluster));
      // Verified and settled by the worker: the cluster is free again.
      await bench.redis.del('meshbot:cluster-held:prod');
      const undo = await bench.cleared(await bench.undo(cluster, plan));
      await applyPlan(undo, bench.deps(cluster));
      assert.equal(await bench.state(undo), 'applied');
      assert.equal(modeOf(await cluster.read(plan.change)), before);
    });
  }

  it('is done by one of two fixers', async () => {
    const id = await bench.cleared(await update());
    await Promise.all([applyPlan(id, bench.deps(cluster)), applyPlan(id, bench.deps(cluster))]);
    assert.equal(cluster.writes.length, 1);
    assert.equal(await bench.state(id), 'applied');
  });

  it('waits while another plan holds the cluster', async () => {
    await applyPlan(await bench.cleared(await update()), bench.deps(cluster));
    const other = await bench.cleared(await creation());
    assert.equal((await applyPlan(other, bench.deps(cluster))).status, 'later');
    assert.equal(await bench.state(other), 'cleared');
    assert.equal(cluster.writes.length, 1);
  });

  it('asks nothing of the cluster and records nothing while another plan holds it', async () => {
    const other = await bench.cleared(await creation());
    await applyPlan(await bench.cleared(await update()), bench.deps(cluster));
    const dryRuns: Plan['change'][] = [];
    const writer: ClusterWriter = {
      ...cluster,
      write: (change, options) => {
        dryRuns.push(change);
        return cluster.write(change, options);
      },
    };
    for (let n = 0; n < 5; n += 1) await applyPlan(other, bench.deps(writer));
    assert.equal(dryRuns.length, 0);
    assert.deepEqual(await kindsOf(other), ['proposed', 'approved', 'cleared']);
  });

  it('is looked at again by the worker where it was cleared too long ago', async () => {
    const id = await bench.cleared(await update());
    later(61_000);
    assert.deepEqual(await applyPlan(id, bench.deps(cluster)), done);
    assert.equal(await bench.state(id), 'approved');
    assert.deepEqual([cluster.writes.length, bench.settled, bench.woken], [0, [], [id]]);
    assert.deepEqual(await kindsOf(id), ['proposed', 'approved', 'cleared', 'outdated']);
    assert.deepEqual(await applyPlan(id, bench.deps(cluster)), done);
    await bench.store.change(id, (r) => clear(r, bench.now.toISOString()));
    await applyPlan(id, bench.deps(cluster));
    assert.equal(await bench.state(id), 'applied');
    assert.equal(cluster.writes.length, 1);
  });

  it('goes on after one more look where the worker’s clock is behind', async () => {
    const id = await bench.cleared(await update());
    const behind = bench.now.toISOString();
    later(6 * 60_000);
    await applyPlan(id, bench.deps(cluster));
    assert.equal(await bench.state(id), 'approved');
    await bench.store.change(id, (r) => clear(r, behind));
    later(59_000);
    await applyPlan(id, bench.deps(cluster));
    assert.equal(await bench.state(id), 'applied');
  });

  it('is looked at again too where another plan held the cluster for long', async () => {
    const other = await bench.cleared(await creation());
    await applyPlan(await bench.cleared(await update()), bench.deps(cluster));
    later(61_000);
    await applyPlan(other, bench.deps(cluster));
    assert.equal(await bench.state(other), 'approved');
    assert.ok(bench.woken.includes(other));
  });

  it('is not looked at again and again while the cluster does not answer', async () => {
    const id = await bench.cleared(await update());
    const read = () => Promise.reject(new SourceError('unreachable', 'I cannot reach it.'));
    later(61_000);
    assert.equal((await applyPlan(id, bench.deps({ ...cluster, read }))).status, 'later');
    assert.equal(await bench.state(id), 'cleared');
  });

  it('is left to the fixer of its own cluster', async () => {
    const id = await bench.cleared(await update());
    assert.deepEqual(await applyPlan(id, bench.deps(cluster, { cluster: 'other' })), done);
    assert.equal(await bench.state(id), 'cleared');
  });

  it('writes as whoever asked, where the policy says who they are', async () => {
    const writeAs = { user: 'ana@example.com', groups: ['sre'] };
    const id = await bench.cleared(await update(), { writeAs });
    await applyPlan(id, bench.deps(cluster, { policy: () => ({ ...policy, people: { UANA: writeAs } }) }));
    assert.deepEqual(
      cluster.writes.map(({ as }) => as),
      ['ana@example.com'],
    );
    const r = await bench.load(id);
    assert.ok(r.state === 'applied' && r.written.as === 'ana@example.com');
  });
});

describe('a plan is not applied', () => {
  const cases: readonly [string, string, (plan: Plan) => Promise<Partial<ApplyDeps>>][] = [
    [
      'while Slack froze all',
      'refused',
      () => following(bench.store.freeze.set({ team: 'T1', user: 'UCAT' }, bench.now.toISOString())),
    ],
    ['while the ConfigMap froze all', 'refused', () => following(cluster.freeze('a release'))],
    [
      'while the ConfigMap cannot be read',
      'refused',
      async () => ({
        writer: { ...cluster, frozen: async () => Promise.reject(new SourceError('forbidden', 'I may not get it.')) },
      }),
    ],
    ['after its time', 'expired', () => following(later(3_600_000))],
    [
      'where the policy asks for more people by now',
      'refused',
      async () => ({ policy: () => policyWith({ approvals: 2 }) }),
    ],
    ['where the policy has no rule any more', 'refused', async () => ({ policy: () => ({ ...policy, fixes: [] }) })],
    [
      'outside the window',
      'refused',
      async () => ({ policy: () => policyWith({ windows: [{ days: [], from: 0, to: 1, timeZone: 'UTC' }] }) }),
    ],
    [
      'where the policy took whoever approved out of the role',
      'refused',
      async () => ({
        policy: () => ({ ...policy, roles: { sre: { users: ['UANA', 'UCAT'], groups: [] } } }),
      }),
    ],
    ['where its time ends while the cluster is asked', 'expired', async () => whileAsked(() => later(3_600_000))],
    [
      'where the window ends while the cluster is asked',
      'refused',
      async () => {
        let inForce = policy;
        const ending = whileAsked(() => {
          inForce = policyWith({ windows: [{ days: [], from: 0, to: 1, timeZone: 'UTC' }] });
        });
        return { ...ending, policy: () => inForce };
      },
    ],
    ['after a foreign change', 'drifted', (plan) => following(edit(plan))],
    [
      'where the object was written anew with the same content',
      'drifted',
      (plan) => following(cluster.edit(plan.change, 'somebody', (object) => object)),
    ],
    [
      'where the policy maps whoever asked by now',
      'refused',
      async () => ({ policy: () => ({ ...policy, people: { UANA: { user: 'ana', groups: [] } } }) }),
    ],
    [
      'where a webhook would make something else of it',
      'drifted',
      async () => ({
        writer: {
          ...cluster,
          write: async (change) => ({
            status: 'written',
            object: { ...(change.after as KubeObject), spec: { mtls: { mode: 'PERMISSIVE' } } },
          }),
        },
      }),
    ],
    [
      'where RBAC forbids it',
      'refused',
      async () => ({
        writer: { ...cluster, write: async () => ({ status: 'forbidden', detail: 'User "x" cannot patch' }) },
      }),
    ],
    [
      'where a webhook refuses it',
      'refused',
      async () => ({
        writer: { ...cluster, write: async () => ({ status: 'rejected', by: 'a webhook', detail: 'no' }) },
      }),
    ],
  ];
  for (const [when, why, arrange] of cases) {
    it(when, async () => {
      const plan = await update();
      const id = await bench.cleared(plan);
      const changes = await arrange(plan);
      assert.deepEqual(await applyPlan(id, bench.deps(cluster, changes)), done);
      assert.equal(await bench.state(id), `closed: ${why}`);
      assert.deepEqual([cluster.writes.length, bench.settled, bench.woken], [0, [why], [id]]);
    });
  }

  it('where the person behind it may not do it themselves', async () => {
    const writeAs = { user: 'ana', groups: [] };
    const id = await bench.cleared(await update(), { writeAs });
    const writer = { ...cluster, isAllowed: async () => false };
    await applyPlan(id, bench.deps(writer, { policy: () => ({ ...policy, people: { UANA: writeAs } }) }));
    assert.equal(await bench.state(id), 'closed: refused');
    assert.equal(cluster.writes.length, 0);
  });

  it('while the cluster does not answer, and then it is', async () => {
    const id = await bench.cleared(await update());
    const read = () => Promise.reject(new SourceError('unreachable', 'I cannot reach it.'));
    assert.equal((await applyPlan(id, bench.deps({ ...cluster, read }))).status, 'later');
    assert.equal(await bench.state(id), 'cleared');
    await applyPlan(id, bench.deps(cluster));
    assert.equal(await bench.state(id), 'applied');
  });
});

describe('whoever writes to Redis cannot have applied', () => {
  const forgeries: readonly [string, (plan: Plan) => Promise<string>][] = [
    [
      'an approval that the bot did not sign',
      (plan) => bench.cleared(plan, { approval: { signature: 'ab'.repeat(32) } }),
    ],
    ['an approval of somebody else', (plan) => bench.cleared(plan, { approval: { by: { team: 'T1', user: 'UCAT' } } })],
    ['an approval with another role', (plan) => bench.cleared(plan, { approval: { roles: ['admins'] } })],
    [
      'a write as somebody else',
      (plan) => bench.cleared(plan, { writeAs: { user: 'admin', groups: ['system:masters'] } }),
    ],
    ['another content, with the old digest', (plan) => tamper(plan, (one) => one)],
    ['another content, with its own digest', (plan) => tamper(plan, (one) => ({ ...one, digest: digestOf(one) }))],
  ];
  for (const [what, forge] of forgeries) {
    it(what, async () => {
      const id = await forge(await update());
      assert.deepEqual(await applyPlan(id, bench.deps(cluster)), done);
      assert.equal(await bench.state(id), 'closed: refused');
      assert.equal(cluster.writes.length, 0);
    });
  }

  it('not even with a signature of its own, where the recipe makes something else', async () => {
    const plan = disabled(await update());
    const id = await bench.cleared({ ...plan, digest: digestOf(plan) });
    await applyPlan(id, bench.deps(cluster));
    assert.equal(await bench.state(id), 'closed: refused');
    assert.equal(cluster.writes.length, 0);
  });

  function disabled(plan: Plan): Plan {
    const after = { ...(plan.change.after as KubeObject), spec: { mtls: { mode: 'DISABLE' } } };
    return { ...plan, change: { ...plan.change, after } };
  }

  async function tamper(plan: Plan, finish: (plan: Plan) => Plan): Promise<string> {
    const id = await bench.cleared(plan);
    const key = `meshbot:remediation:${id}`;
    const stored = JSON.parse((await bench.redis.hget(key, 'value')) ?? '');
    await bench.redis.hset(key, { value: JSON.stringify({ ...stored, plan: finish(disabled(plan)) }) });
    return id;
  }
});

describe('a write whose end is not seen', () => {
  const lost: WriteOutcome = { status: 'unavailable', detail: 'It broke the connection off.', written: 'maybe' };

  it('is settled by the object where it was made', async () => {
    const id = await bench.cleared(await update());
    const writer = writerWith(async (write) => {
      await write();
      return lost;
    });
    assert.deepEqual(await applyPlan(id, bench.deps(writer)), done);
    assert.equal(await bench.state(id), 'applied');
    assert.equal(cluster.writes.length, 1);
  });

  it('is never made again, and counts as not made only once it cannot be under way any more', async () => {
    const id = await bench.cleared(await update());
    let writes = 0;
    const writer = writerWith(async () => {
      writes += 1;
      return lost;
    });
    const deps = bench.deps(writer);
    assert.equal((await applyPlan(id, deps)).status, 'later');
    assert.equal((await applyPlan(id, deps)).status, 'later');
    // As long as the freeze may be looked at, the write be under way, and the API server be at it.
    later(95_000);
    assert.equal((await applyPlan(id, deps)).status, 'later');
    assert.equal(await bench.state(id), 'applying');
    later(26_000);
    assert.deepEqual(await applyPlan(id, deps), done);
    assert.equal(await bench.state(id), 'closed: failed');
    assert.equal(writes, 1);
  });

  it('stays open while the object cannot be read', async () => {
    const plan = await update();
    const id = await bench.cleared(plan);
    await bench.store.change(id, (r) => begin(r, bench.now.toISOString()));
    const read = () => Promise.reject(new SourceError('timeout', 'It did not answer.'));
    assert.equal((await applyPlan(id, bench.deps({ ...cluster, read }))).status, 'later');
    assert.equal(await bench.state(id), 'applying');
  });

  it('that surely never left is failed', async () => {
    const id = await bench.cleared(await update());
    await applyPlan(id, bench.deps(writerWith(async () => ({ ...lost, written: 'no' }))));
    assert.equal(await bench.state(id), 'closed: failed');
  });

  it('is not made where a freeze comes between', async () => {
    const id = await bench.cleared(await update());
    const writer = {
      ...cluster,
      async write(change: Plan['change'], options: Parameters<ClusterWriter['write']>[1]) {
        cluster.freeze('an incident');
        return cluster.write(change, options);
      },
    };
    await applyPlan(id, bench.deps(writer));
    assert.equal(await bench.state(id), 'closed: refused');
    assert.equal(cluster.writes.length, 0);
  });
});

describe('a fixer that starts', () => {
  /** Begun by a fixer that died. */
  async function begun(): Promise<Plan> {
    const plan = await update();
    await bench.cleared(plan);
    await bench.store.change(plan.id, (r) => begin(r, bench.now.toISOString()));
    return plan;
  }

  it('finds what was written', async () => {
    const { id, change } = await begun();
    await cluster.write(change, { dryRun: false });
    await settleInterrupted(bench.deps(cluster));
    assert.equal(await bench.state(id), 'applied');
  });

  it('finds what was written, also where somebody changed it since', async () => {
    const plan = await begun();
    await cluster.write(plan.change, { dryRun: false });
    await edit(plan);
    await settleInterrupted(bench.deps(cluster));
    assert.equal(await bench.state(plan.id), 'applied');
  });

  it('finds what was not written', async () => {
    const { id } = await begun();
    await settleInterrupted(bench.deps(cluster));
    assert.equal(await bench.state(id), 'applying');
    later(121_000);
    await settleInterrupted(bench.deps(cluster));
    assert.equal(await bench.state(id), 'closed: failed');
    assert.equal(cluster.writes.length, 0);
  });

  it('finds what somebody else changed, and says who', async () => {
    const plan = await begun();
    await edit(plan);
    await settleInterrupted(bench.deps(cluster));
    const r = await bench.load(plan.id);
    assert.ok(r.state === 'closed' && r.why === 'unclear' && r.detail.includes('kubectl-edit'));
  });

  it('is not held up by a plan that it cannot read', async () => {
    const broken = await bench.cleared(await update());
    await bench.redis.hset(`meshbot:remediation:${broken}`, 'value', '{}');
    const { id, change } = await begun();
    await cluster.write(change, { dryRun: false });
    await settleInterrupted(bench.deps(cluster));
    assert.equal(await bench.state(id), 'applied');
  });

  it('leaves alone what it is writing itself', async () => {
    const { id, change } = await begun();
    await cluster.write(change, { dryRun: false });
    await settleInterrupted(bench.deps(cluster, { working: new Set([id]) }));
    assert.equal(await bench.state(id), 'applying');
  });
});
