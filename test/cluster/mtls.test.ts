import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { eventually, type Manifest, useCluster } from './cluster.ts';

interface FilterChain {
  readonly filter_chain_match?: { readonly destination_port?: number; readonly transport_protocol?: string };
  readonly transport_socket?: unknown;
}

interface Demand {
  readonly workload: { readonly name: string };
  readonly port?: number;
  readonly mode: string;
}

interface Report {
  readonly verdict: string;
  readonly headline: string;
  readonly demands?: readonly Demand[];
  readonly findings: readonly { readonly code: string }[];
}

const cluster = await useCluster();
const ports = [8080, 8081, 9000];

/** Policies to try, and the mode that istiod gives to ports 8080, 8081 and 9000. Envoy has the last word on both. */
const scenarios: readonly { readonly name: string; readonly policies: readonly ((ns: string) => Manifest)[] }[] = [
  { name: 'no policy', policies: [] },
  { name: 'the namespace is STRICT', policies: [policy('default', { mtls: { mode: 'STRICT' } })] },
  {
    name: 'a workload is DISABLE in a STRICT namespace',
    policies: [policy('default', { mtls: { mode: 'STRICT' } }), forServer({ mtls: { mode: 'DISABLE' } })],
  },
  {
    name: 'ports have modes of their own, one of them UNSET',
    policies: [
      policy('default', { mtls: { mode: 'PERMISSIVE' } }),
      forServer({ mtls: { mode: 'STRICT' }, portLevelMtls: { 8080: { mode: 'DISABLE' }, 9000: { mode: 'UNSET' } } }),
    ],
  },
  {
    name: 'the Service port is named instead of the container port',
    policies: [forServer({ mtls: { mode: 'STRICT' }, portLevelMtls: { 80: { mode: 'DISABLE' } } })],
  },
  {
    name: 'an UNSET workload policy inherits from the namespace',
    policies: [policy('default', { mtls: { mode: 'STRICT' } }), forServer({ mtls: { mode: 'UNSET' } })],
  },
];

describe('mtls on a real mesh', { skip: !cluster.ours && 'needs the image of our own cluster' }, async () => {
  const ns = await cluster.namespace('mtls', { 'istio-injection': 'enabled' });
  await cluster.apply(...server(ns));
  await cluster.available(ns);

  for (const { name, policies } of scenarios) {
    it(`agrees with what Envoy got: ${name}`, async () => {
      const objects = policies.map((make) => make(ns));
      if (objects.length > 0) await cluster.apply(...objects);
      const foretold = modesOf(await ask(ns));
      await eventually(
        () => envoyModes(ns),
        (modes) => JSON.stringify(modes) === JSON.stringify(foretold),
        20,
      );
      if (objects.length > 0) await cluster.delete(...objects);
    });
  }

  it('tells a rival from the policy that counts', async () => {
    const [older, younger] = [
      policy('a-older', { mtls: { mode: 'STRICT' } })(ns),
      policy('a-first', { mtls: { mode: 'DISABLE' } })(ns),
    ];
    await cluster.apply(older);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await cluster.apply(younger);
    const report = await ask(ns);
    assert.deepEqual(modesOf(report), ['STRICT', 'STRICT', 'STRICT']);
    assert.ok(report.findings.some(({ code }) => code === 'rival'));
    await eventually(
      () => envoyModes(ns),
      (modes) => modes.every((mode) => mode === 'STRICT'),
      20,
    );
    await cluster.delete(older, younger);
  });

  it('answers unknown, with the right that is missing, to someone without rights', async () => {
    const token = (await cluster.kubectl('-n', ns, 'create', 'token', 'default')).trim();
    const { verdict, headline } = await ask(ns, token);
    assert.equal(verdict, 'unknown');
    assert.match(headline, /I may not/);
  });
});

function policy(name: string, spec: object): (ns: string) => Manifest {
  return (namespace) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: { name, namespace },
    spec,
  });
}

function forServer(spec: object): (ns: string) => Manifest {
  return policy('server', { selector: { matchLabels: { app: 'server' } }, ...spec });
}

function server(namespace: string): readonly Manifest[] {
  const labels = { app: 'server' };
  const containerPorts = ports.map((containerPort) => ({ name: `p${containerPort}`, containerPort }));
  const containers = [{ name: 'app', image: 'local/echo:1', imagePullPolicy: 'IfNotPresent', ports: containerPorts }];
  const servicePorts = [
    { name: 'http', port: 80, targetPort: 8080 },
    { name: 'http-alt', port: 8081 },
    { name: 'tcp', port: 9000 },
  ];
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'server', namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers, terminationGracePeriodSeconds: 1 } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'server', namespace },
      spec: { selector: labels, ports: servicePorts },
    },
  ];
}

/** What the command line foretells: as a user would ask. */
async function ask(ns: string, token?: string): Promise<Report> {
  const kubeconfig = token === undefined ? cluster.kubeconfig : await cluster.kubeconfigWith(token);
  const args = ['src/cli.ts', 'check', 'mtls', ns, '-o', 'json', '--kubeconfig', kubeconfig];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch((error) => error as { stdout: string });
  return JSON.parse(stdout) as Report;
}

function modesOf({ demands = [] }: Report): readonly string[] {
  const whole = demands.find(({ port }) => port === undefined)?.mode ?? 'none';
  return ports.map((port) => demands.find((demand) => demand.port === port)?.mode ?? whole);
}

/** What the server's proxy runs with, read from its listener. */
async function envoyModes(ns: string): Promise<readonly string[]> {
  const path = '/config_dump?resource=dynamic_listeners&name_regex=virtualInbound&mask=name,active_state';
  const dump = await cluster.kubectl(
    '-n',
    ns,
    'exec',
    'deploy/server',
    '-c',
    'istio-proxy',
    '--',
    'pilot-agent',
    'request',
    'GET',
    path,
  );
  // The agent logs to the same stream before it answers.
  const { configs = [] } = JSON.parse(dump.slice(dump.indexOf('\n{'))) as {
    configs?: { active_state?: { listener: { filter_chains?: FilterChain[] } } }[];
  };
  const chains = configs.flatMap(({ active_state }) => active_state?.listener.filter_chains ?? []);
  return ports.map((port) =>
    modeOf(chains.filter(({ filter_chain_match }) => filter_chain_match?.destination_port === port)),
  );
}

function modeOf(chains: readonly FilterChain[]): string {
  const takesPlaintext = chains.some(
    ({ filter_chain_match }) => filter_chain_match?.transport_protocol === 'raw_buffer',
  );
  const endsTls = chains.some(({ transport_socket }) => transport_socket !== undefined);
  if (!endsTls) return chains.length > 0 ? 'DISABLE' : 'none';
  return takesPlaintext ? 'PERMISSIVE' : 'STRICT';
}
