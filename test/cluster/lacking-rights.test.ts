import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { resourceName } from '../../src/clients/kubernetes/refusal.ts';
import { type Right, rightsNeeded } from '../../src/collectors/rights.ts';
import { actionOf, may, meshbot, nameOf, reader } from './accounts.ts';
import { eventually, useCluster } from './cluster.ts';

interface Report {
  readonly verdict: string;
  readonly coverage: readonly {
    readonly kind: string;
    readonly status: string;
    readonly reason?: string;
    readonly detail?: string;
  }[];
  readonly findings: readonly { readonly code: string; readonly severity: string; readonly message: string }[];
}

const cluster = await useCluster();
const admin = await liveCluster({ kubeconfig: cluster.kubeconfig });
after(() => admin.close());
const namespace = await cluster.namespace('lacking');

describe('without one right', () => {
  /** What is seen with all of them. Other sources, such as Prometheus or ports of proxies, take other rights. */
  const seen = new Set<string>();

  before(async () => {
    const { report } = await askWith(rightsNeeded(), 'all');
    for (const { kind, status } of report.coverage) if (status === 'collected') seen.add(kind);
    const named = (one: Report['coverage'][number]) =>
      rightsNeeded().some(({ resource }) => one.detail?.includes(resourceName(resource)));
    assert.deepEqual(
      report.coverage.filter((one) => one.reason === 'forbidden' && named(one)),
      [],
    );
    for (const kind of ['namespaces', 'controlPlane', 'peerAuthentications', 'workloads'])
      assert.ok(seen.has(kind), kind);
  });

  for (const [index, right] of rightsNeeded().entries()) {
    it(`to ${nameOf(right)}, exactly what it is for is unknown, by name`, async () => {
      const others = rightsNeeded().filter(({ resource }) => resource !== right.resource);
      const { report, status } = await askWith(others, `lacks-${index}`);
      const missing = report.coverage.filter(({ kind, status: found }) => found === 'missing' && seen.has(kind));
      // What the cluster does not have, nobody needs to read.
      const expected = (await isServed(right)) ? right.evidence.filter((kind) => seen.has(kind)).toSorted() : [];
      assert.deepEqual(missing.map(({ kind }) => kind).toSorted(), expected);
      assert.ok(report.findings.every(({ code }) => code !== 'check-crashed'));
      if (expected.length === 0) return;
      const name = resourceName(right.resource);
      assert.ok(missing.every(({ reason, detail = '' }) => reason === 'forbidden' && detail.includes(name)));
      assert.notEqual(report.verdict, 'ok');
      assert.notEqual(status, 0);
      const unknown = report.findings.filter(({ code }) => code === 'evidence-missing');
      assert.ok(unknown.some(({ message, severity }) => severity === 'unknown' && message.includes(name)));
    });
  }
});

/** Asks about Bookinfo as a service account with these rights, through the command line. */
async function askWith(
  rights: readonly Right[],
  name: string,
): Promise<{ readonly report: Report; readonly status: number }> {
  const account = `${name}-${namespace}`;
  await cluster.apply(...reader(account, namespace, rights));
  const token = (await cluster.kubectl('create', 'token', account, '-n', namespace)).trim();
  const kubeconfig = await cluster.kubeconfigWith(token);
  // Authorization follows new rules within moments.
  const last = rights.at(-1);
  const user = `system:serviceaccount:${namespace}:${account}`;
  if (last !== undefined) await eventually(() => may(admin.connection, user, actionOf(last)), Boolean);
  const { status, stdout, stderr } = await meshbot(
    'check',
    'mtls',
    'bookinfo',
    '-o',
    'json',
    '--kubeconfig',
    kubeconfig,
  );
  assert.match(stdout, /^\{/, stderr);
  return { report: JSON.parse(stdout), status };
}

async function isServed({ resource }: Right): Promise<boolean> {
  return (await cluster.kubectl('api-resources', '--api-group', resource.group, '-o', 'name')).includes(
    resource.plural,
  );
}
