import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { sourcesOf } from '../../src/clients/kubernetes/proxy-source.ts';
import { readerRules } from '../../src/collectors/rights.ts';
import { type Answer, answer } from '../../src/jobs/answer.ts';
import type { Proxies, RunningProxy } from '../../src/model/proxy.ts';
import { toText } from '../../src/report/text.ts';
import { eventually, type Manifest, useCluster } from './cluster.ts';

const cluster = await useCluster();
const ports = [8080, 8081, 9000];
const rbac = 'rbac.authorization.k8s.io';

describe('proxies on a real mesh', { skip: !cluster.ours && 'needs the image of our own cluster' }, async () => {
  const live = await liveCluster({ kubeconfig: cluster.kubeconfig });
  after(() => live.close());
  const ns = await cluster.namespace('proxies', { 'istio-injection': 'enabled' });
  const host = `server.${ns}.svc.cluster.local`;
  await cluster.apply(...workload(ns, 'server'), ...workload(ns, 'client'), ownSidecar(ns));
  await cluster.available(ns);
  const ask = (namespace = ns) => askAs(live, namespace);

  const scenarios = [
    { name: 'STRICT', spec: { mtls: { mode: 'STRICT' } } },
    { name: 'PERMISSIVE', spec: { mtls: { mode: 'PERMISSIVE' } } },
    { name: 'DISABLE', spec: { mtls: { mode: 'DISABLE' } } },
    {
      name: 'ports of their own',
      spec: only({ mtls: { mode: 'STRICT' }, portLevelMtls: { 8080: { mode: 'DISABLE' } } }),
    },
    {
      name: 'ports of their own, one of them in no Service',
      spec: only({
        mtls: { mode: 'PERMISSIVE' },
        portLevelMtls: { 9000: { mode: 'STRICT' }, 7777: { mode: 'DISABLE' } },
      }),
    },
  ];
  for (const { name, spec } of scenarios) {
    it(`have the modes that the policy foretells: ${name}`, async () => {
      const objects = [policy(ns, 'default', { mtls: { mode: 'STRICT' } }), policy(ns, 'server', spec)];
      const namespaceWide = !('selector' in spec);
      await cluster.apply(...(namespaceWide ? [policy(ns, 'default', spec)] : objects));
      const settled = await eventually(ask, (one) => codesOf(one, 'proxy-config', 'server').join() === 'ok in-step');
      const { inbound } = proxyOf(settled, 'server');
      const demanded = settled.report.demands?.filter(({ workload: { name: of } }) => of === 'server') ?? [];
      const whole = demanded.find(({ port }) => port === undefined)?.mode;
      assert.equal(inbound?.others, whole);
      for (const port of [...ports, 7777]) {
        const foretold = demanded.find((one) => one.port === port)?.mode ?? whole;
        assert.equal(inbound?.ports[port] ?? inbound?.others, foretold, `port ${port}`);
      }
      await cluster.delete(...objects);
    });
  }

  it('open connections as the rules foretell', async () => {
    await cluster.apply(policy(ns, 'default', { mtls: { mode: 'STRICT' } }));
    const tls = (mode: string) => ({ trafficPolicy: { tls: { mode } } });
    const steps = [
      { spec: undefined, opens: { 80: 'auto', 8081: 'auto' } },
      { spec: { subsets: [{ name: 'v1', labels: { app: 'server' } }] }, opens: { 80: 'auto', '80 v1': 'auto' } },
      { spec: tls('DISABLE'), opens: { 80: 'plaintext', 8081: 'plaintext' } },
      { spec: tls('ISTIO_MUTUAL'), opens: { 80: 'mtls', 8081: 'mtls' } },
      {
        spec: { trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'SIMPLE' } }] } },
        opens: { 80: 'tls', 8081: 'auto' },
      },
    ];
    for (const { spec, opens } of steps) {
      if (spec !== undefined) await cluster.apply(destinationRule(ns, 'server', { host: 'server', ...spec }));
      const isThere = (one: Answer) => {
        const found = opensOf(proxyOf(one, 'client'), host);
        return Object.entries(opens).every(([place, how]) => found[place] === how);
      };
      const settled = await eventually(
        ask,
        (one) => isThere(one) && codesOf(one, 'proxy-config', 'client').join() === 'ok in-step',
      );
      const [of80] = proxyOf(settled, 'client').outbound.filter((one) => one.port === 80 && one.host === host);
      assert.deepEqual(of80?.rule, spec && { namespace: ns, name: 'server' });
    }
    await cluster.delete(destinationRule(ns, 'server', { host: 'server' }));
  });

  it('know which endpoints take no mTLS, as the policy of the workload or of a port says', async () => {
    const namespaceWide = policy(ns, 'default', { mtls: { mode: 'STRICT' } });
    await cluster.apply(namespaceWide);
    const portLevelMtls = { 8080: { mode: 'DISABLE' } };
    const steps = [
      { spec: { mtls: { mode: 'DISABLE' } }, plaintext: [80, 8081, 9000] },
      { spec: { mtls: { mode: 'STRICT' }, portLevelMtls }, plaintext: [80] },
      { spec: { mtls: { mode: 'STRICT' } }, plaintext: [] },
    ];
    for (const { spec, plaintext } of steps) {
      await cluster.apply(policy(ns, 'server', only({ portLevelMtls: null, ...spec })));
      const settled = await eventually(
        ask,
        (one) =>
          toldPlaintext(proxyOf(one, 'client'), host).join() === plaintext.join() &&
          codesOf(one, 'proxy-config', 'client').join() === 'ok in-step',
      );
      const of = settled.report.connections?.filter(
        ({ client, server }) => client.workload === 'client' && server.workload === 'server',
      );
      const sent = of?.filter(({ sent }) => sent === 'plaintext').map(({ port }) => port);
      assert.deepEqual(
        sent?.toSorted((a, b) => a - b),
        plaintext,
      );
    }
    await cluster.delete(policy(ns, 'server', {}), namespaceWide);
  });

  it('do not yet have what changed just now, and the answer says so', async () => {
    const object = policy(ns, 'fresh', only({ mtls: { mode: 'STRICT' } }));
    await cluster.apply(object);
    const { report } = await ask();
    assert.ok(report.findings.some(({ code, subject }) => code === 'pending' && subject.name === 'fresh'));
    assert.notEqual(report.verdict, 'ok');
    await cluster.delete(object);
  });

  it('that wait for endpoints are never said to be in step', async () => {
    const calls = await cluster.namespace('waiting', { 'istio-injection': 'enabled' });
    await cluster.apply(...workload(calls, 'client'));
    await cluster.available(calls);
    await cluster.apply(destinationRule(ns, 'server', { host: 'server', trafficPolicy: { tls: { mode: 'DISABLE' } } }));
    const stray = destinationRule(calls, 'stray', { host, workloadSelector: { matchLabels: { app: 'nobody' } } });
    const warms = async () => {
      await cluster.delete(stray);
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      await cluster.apply(stray);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return askAs(live, ns, [calls]);
    };
    const isWarming = (one: Answer) => (proxyOf(one, 'client', calls).warming.length ?? 0) > 0;
    const warming = await eventually(warms, isWarming, 45);
    assert.ok(warming.report.findings.some(({ code, subject }) => code === 'warming' && subject.namespace === calls));
    const inStep = warming.report.findings.filter(
      ({ code, subject }) => code === 'in-step' && subject.namespace === calls,
    );
    assert.deepEqual(inStep, []);
    await cluster.delete(destinationRule(ns, 'server', { host: 'server' }));
  });

  it('hold certificates that are valid', async () => {
    const one = await ask();
    assert.deepEqual(codesOf(one, 'certificate', 'server'), ['ok valid']);
    assert.equal(proxyOf(one, 'server').certificates?.own.identity, `spiffe://cluster.local/ns/${ns}/sa/default`);
  });

  it('are not needed for an answer by policy, which says that it did not see them', async () => {
    await cluster.apply(policy(ns, 'default', { mtls: { mode: 'STRICT' } }), ...reader(ns));
    const token = (await cluster.kubectl('-n', ns, 'create', 'token', 'reader')).trim();
    const limited = await liveCluster({ kubeconfig: await cluster.kubeconfigWith(token) });
    const { report } = await askAs(limited, ns);
    await limited.close();
    const looked = report.coverage.find(({ kind }) => kind === 'proxies');
    assert.equal(looked?.status === 'missing' && looked.reason, 'forbidden');
    assert.deepEqual(
      report.demands?.map(({ mode }) => mode),
      ['STRICT', 'STRICT'],
    );
    assert.ok(!report.findings.some(({ code }) => code === 'evidence-missing'));
    assert.match(
      toText(report, { tookMs: 1, paint: (_, text) => text }),
      /Not seen.*pods\/portforward.*mesh-portforward/,
    );
  });

  it('of Bookinfo are asked within a second and a half', async (t) => {
    const times: number[] = [];
    for (let run = 0; run < 9; run++) {
      const started = performance.now();
      const { report } = await ask('bookinfo');
      times.push(performance.now() - started);
      const looked = report.coverage.find(({ kind }) => kind === 'proxies');
      assert.equal(looked?.status === 'collected' && looked.seen, 6);
    }
    const p50 = times.toSorted((a, b) => a - b)[4] ?? Number.NaN;
    t.diagnostic(`p50 ${Math.round(p50)} ms of ${times.length}`);
    assert.ok(p50 <= 1_500, `p50 is ${Math.round(p50)} ms`);
  });

  it('close', () => live.close());
});

function askAs(
  live: Awaited<ReturnType<typeof liveCluster>>,
  namespace: string,
  from?: readonly string[],
): Promise<Answer> {
  const target = { cluster: live.name, namespace, ...(from !== undefined && { from }) };
  return answer({ topic: 'mtls', target }, sourcesOf(live));
}

function codesOf({ report }: Answer, check: string, workloadName: string): readonly string[] {
  return report.findings
    .filter((one) => one.check === check && one.subject.name === workloadName)
    .map(({ severity, code }) => `${severity} ${code}`);
}

function proxyOf({ snapshot }: Answer, name: string, namespace = snapshot.target.namespace): RunningProxy {
  const { proxies } = snapshot.evidence;
  assert.ok(proxies?.status === 'collected');
  const found = (proxies.value as Proxies).seen.find((one) => one.workload === name && one.namespace === namespace);
  assert.ok(found, `the proxy of ${name} was not seen`);
  return found;
}

function opensOf({ outbound }: RunningProxy, host: string): Readonly<Record<string, string>> {
  const own = outbound.filter((one) => one.host === host);
  return Object.fromEntries(
    own.map(({ port, subset, opens }) => [subset === undefined ? `${port}` : `${port} ${subset}`, opens]),
  );
}

/** Ports of a Service whose every endpoint is sent plaintext. */
function toldPlaintext({ outbound }: RunningProxy, host: string): readonly number[] {
  return outbound
    .filter((one) => one.host === host && one.endpoints?.plaintext.length === 1 && one.endpoints.mtls.length === 0)
    .map(({ port }) => port)
    .toSorted((a, b) => a - b);
}

function only(spec: object): object {
  return { selector: { matchLabels: { app: 'server' } }, ...spec };
}

function policy(namespace: string, name: string, spec: object): Manifest {
  return { apiVersion: 'security.istio.io/v1', kind: 'PeerAuthentication', metadata: { name, namespace }, spec };
}

function destinationRule(namespace: string, name: string, spec: object): Manifest {
  return { apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', metadata: { name, namespace }, spec };
}

/** So that no Sidecar of the mesh hides anything. */
function ownSidecar(namespace: string): Manifest {
  const spec = { egress: [{ hosts: ['*/*'] }] };
  return { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata: { name: 'default', namespace }, spec };
}

function workload(namespace: string, name: string): readonly Manifest[] {
  const labels = { app: name };
  const containerPorts = ports.map((containerPort) => ({ name: `p${containerPort}`, containerPort }));
  const containers = [{ name: 'app', image: 'local/echo:1', imagePullPolicy: 'IfNotPresent', ports: containerPorts }];
  const servicePorts = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'http-alt', port: 8081 },
    { name: 'tcp', port: 9000 },
  ];
  const template = { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 1 } };
  const spec = { selector: { matchLabels: labels }, template };
  return [
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: labels, ports: servicePorts },
    },
  ];
}

/** Someone who may read all that the worker's ClusterRole allows, and no more. */
function reader(namespace: string): readonly Manifest[] {
  const subjects = [{ kind: 'ServiceAccount', name: 'reader', namespace }];
  const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader', namespace } },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRole', metadata: { name: namespace }, rules: readerRules() },
    { apiVersion: `${rbac}/v1`, kind: 'ClusterRoleBinding', metadata: { name: namespace }, roleRef, subjects },
  ];
}
