import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { isAsWritten, undoPlanOf } from '../../src/fixes/plan.ts';
import { requireMtls } from '../../src/fixes/require-mtls.ts';
import { applyPlan } from '../../src/jobs/fixes/apply.ts';
import { inFlightMs } from '../../src/jobs/fixes/apply-deps.ts';
import { settleInterrupted } from '../../src/jobs/fixes/apply-settle.ts';
import { type Change, isRefusal } from '../../src/model/fix.ts';
import { begin } from '../../src/model/life.ts';
import { resources } from '../../src/model/resources.ts';
import type { KubeObject } from '../../src/model/sources.ts';
import type { ClusterWriter } from '../../src/model/writer.ts';
import { fixerBench, policy } from '../helpers/fixer.ts';
import { may } from './accounts.ts';
import { eventually, useCluster } from './cluster.ts';
import { boundFix, mayBe, mayReadFreeze, mayWritePolicies, writerOf } from './fixer-account.ts';
import { everythingAsked } from './rights-asked.ts';

const { destinationRules, peerAuthentications } = resources;

const cluster = await useCluster();
const bench = fixerBench();
const namespace = await cluster.namespace('fixes');
const elsewhere = await cluster.namespace('fixes-not');
const account = `system:serviceaccount:${namespace}:fixer`;
const admin = await liveCluster({ kubeconfig: cluster.kubeconfig });
after(() => admin.close());
let fixer: ClusterWriter;
const asAdmin = await writerOf(cluster);

before(async () => {
  await cluster.apply(...boundFix('require-mtls', namespace), ...mayReadFreeze(namespace));
  fixer = await writerOf(cluster, namespace);
  const last = { verb: 'get', resource: { ...peerAuthentications, group: '', plural: 'configmaps' }, name: 'freeze' };
  await eventually(() => may(admin.connection, account, { ...last, namespace }), Boolean);
});

const real = { dryRun: false };
const dry = { dryRun: true };
let names = 0;

/** A PeerAuthentication of its own for each test. */
async function existing(mode = 'PERMISSIVE'): Promise<{ readonly place: Place; readonly object: KubeObject }> {
  names += 1;
  const place = { resource: peerAuthentications, namespace, name: `one-${names}` };
  await cluster.apply(policyIn(namespace, place.name, mode));
  const object = await fixer.read(place);
  assert.ok(object);
  return { place, object };
}

type Place = Pick<Change, 'resource' | 'namespace' | 'name'>;

function policyIn(where: string, name: string, mode: string) {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name, namespace: where },
    spec: { mtls: { mode } },
  };
}

function strict(object: KubeObject): KubeObject {
  return { ...object, spec: { mtls: { mode: 'STRICT' } } };
}

describe('a write to a real API server', () => {
  it('updates what is as it was seen; a dry run keeps nothing', async () => {
    const { place, object } = await existing();
    const change = { ...place, before: object, after: strict(object) };
    const tried = await fixer.write(change, dry);
    assert.ok(tried.status === 'written' && isAsWritten(tried.object, change.after));
    assert.ok(isAsWritten(await fixer.read(place), object));
    assert.equal((await fixer.write(change, real)).status, 'written');
    assert.ok(isAsWritten(await fixer.read(place), change.after));
    const again = await fixer.write(change, real);
    assert.equal(again.status, 'drifted', 'the same write again');
  });

  it('deletes what is as it was seen; a dry run keeps it', async () => {
    const { place, object } = await existing();
    const change = { ...place, before: object, after: null };
    assert.equal((await fixer.write(change, dry)).status, 'written');
    assert.ok(isAsWritten(await fixer.read(place), object));
    const newer = { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
    assert.equal((await fixer.write({ ...change, before: newer }, real)).status, 'drifted');
    assert.equal((await fixer.write(change, real)).status, 'written');
    assert.equal(await fixer.read(place), null);
    assert.equal((await fixer.write(change, real)).status, 'drifted');
  });

  it('creates only what is not there, also where its own hand made what is', async () => {
    const after = policyIn(namespace, 'created', 'STRICT');
    const change = { resource: peerAuthentications, namespace, name: 'created', before: null, after };
    assert.equal((await fixer.write(change, dry)).status, 'written');
    assert.equal(await fixer.read(change), null);
    const made = await fixer.write(change, real);
    assert.ok(made.status === 'written' && isAsWritten(made.object, after));
    assert.equal(
      (await fixer.write({ ...change, after: policyIn(namespace, 'created', 'DISABLE') }, real)).status,
      'drifted',
    );
    assert.ok(isAsWritten(await fixer.read(change), after));
  });

  it('fails where somebody else was there, or made the object anew', async () => {
    const { place, object } = await existing();
    await cluster.apply(policyIn(namespace, place.name, 'DISABLE'));
    const change = { ...place, before: object, after: strict(object) };
    assert.equal((await fixer.write(change, real)).status, 'drifted');
    await cluster.delete(policyIn(namespace, place.name, 'DISABLE'));
    assert.equal((await fixer.write(change, real)).status, 'drifted');
    await cluster.apply(policyIn(namespace, place.name, 'PERMISSIVE'));
    assert.equal((await fixer.write(change, real)).status, 'drifted');
  });

  it('is refused by name: by RBAC, by the API server, and by the webhook of istiod', async () => {
    const { place, object } = await existing();
    const other = { ...place, namespace: elsewhere, before: null, after: policyIn(elsewhere, place.name, 'STRICT') };
    assert.equal((await fixer.write(other, real)).status, 'forbidden');
    const wrong = await fixer.write(
      { ...place, before: object, after: { ...object, spec: { mtls: { mode: 'LOUD' } } } },
      real,
    );
    assert.ok(wrong.status === 'rejected' && /API server/.test(wrong.by), JSON.stringify(wrong));
    // istiod says no with a status of its own, to objects of its revision.
    const after = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: { name: 'wrong', namespace, labels: { 'istio.io/rev': 'default' } },
      spec: { host: 'x', trafficPolicy: { tls: { mode: 'MUTUAL' } } },
    };
    const denied = await asAdmin.write(
      { resource: destinationRules, namespace, name: 'wrong', before: null, after },
      real,
    );
    assert.ok(denied.status === 'rejected' && /validation\.istio\.io/.test(denied.by), JSON.stringify(denied));
  });

  it('is told on the object', async () => {
    const { place, object } = await existing();
    await fixer.note({ ...place, before: object, after: object }, { reason: 'MeshbotApplied', message: 'A test.' });
    const { items } = await cluster.get<{ items: readonly { reason: string; involvedObject: { uid: string } }[] }>(
      'events',
      '-n',
      namespace,
    );
    assert.ok(
      items.some(
        ({ reason, involvedObject }) => reason === 'MeshbotApplied' && involvedObject.uid === object.metadata.uid,
      ),
    );
  });
});

describe('the Role of a fix', () => {
  it('lets the fixer do that and nothing else', { timeout: 120_000 }, async () => {
    const asked = await everythingAsked(admin.connection);
    const allowed: string[] = [];
    const waiting = [...asked];
    const ask = async () => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
        const where = one.action.resource.namespaced ? { namespace } : {};
        if (await may(admin.connection, account, { ...one.action, ...where })) allowed.push(one.name);
        else if (await may(admin.connection, account, one.action)) allowed.push(`${one.name} everywhere`);
      }
    };
    await Promise.all(Array.from({ length: 8 }, ask));
    const own = allowed.filter(
      (one) =>
        !/^create self\w+\.(authorization|authentication)\.k8s\.io$|clustertrustbundles/.test(
          one.replace(' everywhere', ''),
        ),
    );
    assert.ok(asked.length > 1_000);
    assert.deepEqual(own.toSorted(), [
      'create events',
      ...['create', 'delete', 'get', 'patch'].map((verb) => `${verb} peerauthentications.security.istio.io`),
    ]);
  });
});

describe('a write as a person', () => {
  const ana = `ana-${namespace}@example.com`;
  const as = { user: ana, groups: [] };

  it('takes the right to be that person, and theirs to do it; the audit log names both', async (context) => {
    const { place, object } = await existing();
    const change = { ...place, before: object, after: strict(object) };
    const alone = await fixer.write(change, { ...real, as });
    assert.ok(alone.status === 'forbidden' && alone.detail.startsWith(account), JSON.stringify(alone));
    await cluster.apply(...mayBe(ana, namespace));
    await eventually(
      () => fixer.isAllowed(change, as).catch(() => undefined),
      (answer) => answer === false,
    );
    assert.equal(
      (
        await eventually(
          () => fixer.write(change, { ...real, as }),
          ({ status }) => status === 'forbidden',
        )
      ).status,
      'forbidden',
    );
    await cluster.apply(...mayWritePolicies(ana, namespace));
    await eventually(() => fixer.isAllowed(change, as), Boolean);
    const written = await eventually(
      () => fixer.write(change, { ...real, as }),
      ({ status }) => status === 'written',
    );
    assert.equal(written.status, 'written');
    assert.equal(
      (await fixer.write(change, { ...real, as: { user: 'admin', groups: ['system:masters'] } })).status,
      'forbidden',
    );
    if (!cluster.ours) return context.diagnostic('The audit log of a foreign cluster is not read');
    const log = readFileSync(path.join(path.dirname(cluster.kubeconfig), 'log', 'audit.jsonl'), 'utf8');
    const entries = log.split('\n').filter((line) => line.includes(`"${place.name}"`) && line.includes(ana));
    const done = entries.map((line) => JSON.parse(line)).find(({ responseStatus }) => responseStatus.code === 200);
    assert.deepEqual([done?.verb, done?.user.username, done?.impersonatedUser.username], ['patch', account, ana]);
  });
});

describe('a plan on a real cluster', () => {
  it('is applied once, and taken back only while nobody else was there', async () => {
    const { place } = await existing();
    const plan = await bench.plan(fixer, namespace, place.name);
    await applyPlan(await bench.cleared(plan), bench.deps(fixer));
    assert.equal(await bench.state(plan.id), 'applied');
    assert.ok(isAsWritten(await fixer.read(place), plan.change.after));
    const undo = await bench.undo(fixer, plan);
    await cluster.kubectl(
      '-n',
      namespace,
      'label',
      'peerauthentication',
      place.name,
      'touched=yes',
      '--field-manager=somebody',
    );
    const refused = undoPlanOf(plan, await fixer.read(place), undo);
    assert.ok(isRefusal(refused) && refused.refused.includes('somebody'), JSON.stringify(refused));
    await bench.redis.del('meshbot:cluster-held:test');
    await applyPlan(await bench.cleared(undo), bench.deps(fixer));
    assert.equal(await bench.state(undo.id), 'closed: drifted');
  });

  it('that made an object is taken back by deleting it', async () => {
    const plan = await bench.plan(fixer, namespace, 'default');
    await applyPlan(await bench.cleared(plan), bench.deps(fixer));
    assert.equal(await bench.state(plan.id), 'applied');
    await bench.redis.del('meshbot:cluster-held:test');
    const undo = await bench.cleared(await bench.undo(fixer, plan));
    await applyPlan(undo, bench.deps(fixer));
    assert.equal(await bench.state(undo), 'applied');
    assert.equal(await fixer.read(plan.change), null);
  });

  it('is stopped by the ConfigMap, and goes on without it', async () => {
    const { place } = await existing();
    const freeze = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'freeze', namespace },
      data: { frozen: 'true' },
    };
    await cluster.apply(freeze);
    const stopped = await bench.cleared(await bench.plan(fixer, namespace, place.name));
    await applyPlan(stopped, bench.deps(fixer));
    assert.equal(await bench.state(stopped), 'closed: refused');
    await cluster.delete(freeze);
    const next = await bench.cleared(await bench.plan(fixer, namespace, place.name));
    await applyPlan(next, bench.deps(fixer));
    assert.equal(await bench.state(next), 'applied');
  });

  it('is refused where the Role is not bound', async () => {
    const plan = await bench.plan(asAdmin, elsewhere);
    await applyPlan(await bench.cleared(plan), bench.deps(fixer));
    const r = await bench.load(plan.id);
    assert.ok(
      r.state === 'closed' && r.why === 'refused' && r.detail.includes('deploy/fixes'),
      JSON.stringify(r.steps),
    );
  });

  it('that a fixer left when it died is settled by the object', async () => {
    for (const wrote of [true, false]) {
      const { place } = await existing();
      const plan = await bench.plan(fixer, namespace, place.name);
      await bench.cleared(plan);
      await bench.store.change(plan.id, (r) => begin(r, bench.now.toISOString()));
      if (wrote) await fixer.write(plan.change, real);
      const deps = {
        now: () => new Date(bench.now.getTime() + inFlightMs + 1_000),
        policy: () => policy,
        fixOf: () => requireMtls,
      };
      await settleInterrupted(bench.deps(fixer, deps));
      assert.equal(await bench.state(plan.id), wrote ? 'applied' : 'closed: failed');
      await bench.redis.del('meshbot:cluster-held:test');
    }
  });
});
