import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { resourceName } from '../../src/clients/kubernetes/refusal.ts';
import { planReads, rightsNeeded } from '../../src/collectors/rights.ts';
import { actionOf, may, meshbot, nameOf } from './accounts.ts';
import { eventually, useCluster } from './cluster.ts';
import { kustomize } from './kustomize.ts';
import { type Asked, everythingAsked } from './rights-asked.ts';

const cluster = await useCluster();
const admin = await liveCluster({ kubeconfig: cluster.kubeconfig });
after(() => admin.close());
const namespace = await cluster.namespace('rights');
const account = (name: string) => `system:serviceaccount:${namespace}:${name}-${namespace}`;

/** What every service account of a cluster may do, by Kubernetes' own default roles: ask about itself, and discover. */
const granted =
  /^(create (selfsubject\w+)\.(authorization|authentication)\.k8s\.io|(get|list|watch) clustertrustbundles\.certificates\.k8s\.io)$/;

before(async () => {
  const built = await kustomize(cluster, { overlay: 'kubernetes', namespace });
  const kinds = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'];
  await cluster.apply(...built.filter(({ kind }) => kinds.includes(kind)));
  const [first] = rightsNeeded();
  assert.ok(first);
  await eventually(() => may(admin.connection, account('worker'), actionOf(first)), Boolean);
});

describe('the rights of deploy/', () => {
  it('are all that the worker needs', async () => {
    for (const right of rightsNeeded()) {
      assert.ok(
        await may(admin.connection, account('worker'), actionOf(right)),
        `${right.verb} ${resourceName(right.resource)}`,
      );
    }
  });

  it('are no others, of all that the API server knows', { timeout: 120_000 }, async (context) => {
    const asked = await everythingAsked(admin.connection);
    const needed = new Set([
      ...rightsNeeded()
        .filter(({ names }) => names === undefined)
        .map(nameOf),
      ...planReads.map((resource) => `get ${resourceName(resource)}`),
    ]);
    const allowed = await allowedOf(account('worker'), asked);
    context.diagnostic(`${asked.length} verbs on resources asked, ${allowed.length} allowed`);
    assert.ok(asked.length > 1_000, `${asked.length}`);
    assert.deepEqual(
      allowed.filter((one) => !needed.has(one) && !granted.test(one)),
      [],
    );
    // DeploymentConfigs and Prometheuses are allowed too, but not every cluster knows them.
    const known = new Set(asked.map(({ name }) => name));
    assert.deepEqual(
      [...needed].filter((one) => known.has(one) && !allowed.includes(one)),
      [],
    );
  });

  it('of ConfigMaps are for few names alone', async () => {
    const configMaps = rightsNeeded().find(({ resource }) => resource.plural === 'configmaps')?.resource;
    assert.ok(configMaps);
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
    for (const verb of verbs) {
      const ask = (name: string): Promise<boolean> =>
        may(admin.connection, account('worker'), { verb, resource: configMaps, name });
      for (const name of ['istio', 'cluster-monitoring-config', 'managed-namespaces'])
        assert.equal(await ask(name), verb === 'get', `${verb} ${name}`);
      assert.equal(await ask('kube-root-ca.crt'), false, verb);
    }
  });

  it('of the bot and of Redis are none at all', { timeout: 120_000 }, async () => {
    const asked = await everythingAsked(admin.connection);
    for (const name of ['bot', 'redis']) {
      const allowed = await allowedOf(account(name), asked);
      assert.deepEqual(
        allowed.filter((one) => !granted.test(one)),
        [],
        name,
      );
    }
  });

  it('do not let a token read a Secret, or anything that is no resource', async () => {
    const worker = await cluster.kubeconfigWith(await tokenOf(`worker-${namespace}`));
    for (const path of ['/api/v1/secrets', `/api/v1/namespaces/${namespace}/secrets`, '/metrics', '/logs/']) {
      await assert.rejects(cluster.kubectl('--kubeconfig', worker, 'get', '--raw', path), /Forbidden|forbidden/);
    }
  });
});

describe('meshbot rights', () => {
  it('says that the worker has all, to an admin and to itself', async () => {
    const asked = await meshbot('rights', '--as', account('worker'), '-o', 'json', '--kubeconfig', cluster.kubeconfig);
    assert.deepEqual([asked.status, JSON.parse(asked.stdout).complete], [0, true], asked.stderr);
    const worker = await cluster.kubeconfigWith(await tokenOf(`worker-${namespace}`));
    const own = await meshbot('rights', '-o', 'json', '--kubeconfig', worker);
    assert.deepEqual([own.status, JSON.parse(own.stdout).account], [0, account('worker')], own.stderr);
  });

  it('names what the bot would lack for each kind of evidence', async () => {
    const { status, stdout } = await meshbot(
      'rights',
      '--as',
      account('bot'),
      '-o',
      'json',
      '--kubeconfig',
      cluster.kubeconfig,
    );
    assert.equal(status, 2);
    const { evidence, rights } = JSON.parse(stdout);
    const held = rights.filter(({ state }: { state: string }) => state === 'held');
    assert.deepEqual(held, []);
    const { lacks } = evidence.find(({ kind }: { kind: string }) => kind === 'peerAuthentications');
    assert.deepEqual(lacks, ['list peerauthentications.security.istio.io']);
  });

  it('says what it takes to ask about others', async () => {
    const worker = await cluster.kubeconfigWith(await tokenOf(`worker-${namespace}`));
    const { status, stderr } = await meshbot('rights', '--as', account('bot'), '--kubeconfig', worker);
    assert.equal(status, 2);
    assert.match(stderr, /create subjectaccessreviews\.authorization\.k8s\.io/);
  });

  it('refuses a name that is no service account', async () => {
    const { status } = await meshbot(
      'rights',
      '--as',
      'system:serviceaccount:worker',
      '--kubeconfig',
      cluster.kubeconfig,
    );
    assert.equal(status, 3);
  });
});

async function tokenOf(name: string): Promise<string> {
  return (await cluster.kubectl('create', 'token', name, '-n', namespace)).trim();
}

/** What an account may do, in all namespaces or in its own. */
async function allowedOf(user: string, asked: readonly Asked[]): Promise<readonly string[]> {
  const allowed: string[] = [];
  const waiting = [...asked];
  const ask = async () => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const own = await may(admin.connection, user, {
        ...one.action,
        ...(one.action.resource.namespaced && { namespace }),
      });
      if (own || (await may(admin.connection, user, one.action))) allowed.push(one.name);
    }
  };
  await Promise.all(Array.from({ length: 8 }, ask));
  return allowed;
}
