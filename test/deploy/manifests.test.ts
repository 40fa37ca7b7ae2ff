import assert from 'node:assert/strict';
import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { type Variable, variables } from '../../src/environment.ts';
import { fixes } from '../../src/fixes/index.ts';
import { serveHealth } from '../../src/health.ts';
import { createMetrics } from '../../src/metrics.ts';
import { type DeployObject, deployFiles, deployObjects, documentsOf } from './deploy-files.ts';

const files = deployFiles();
const objects = deployObjects();
const named = (kind: string, name: string): DeployObject =>
  objects.find((one) => one.kind === kind && one.metadata.name === name);
const pods = new Map(
  objects.filter((one) => one.spec?.template !== undefined).map((one) => [one.metadata.name, one.spec.template]),
);
const kustomizations = [...files].filter(([file]) => file.endsWith('kustomization.yaml'));
const known = new Set<string>(variables.map(({ name }) => name));
/** A variable may end in `_FILE` by itself, or because a file holds its value. */
const variableOf = (name: string): string => (known.has(name) ? name : name.replace(/_FILE$/, ''));
const secretKeys = ['slack-bot-token', 'slack-app-token', 'redis-url', 'approval-key'];
const processes = ['bot', 'worker', 'fixer'] as const;

describe('deploy/', () => {
  it('parses, and each object says what it is', () => {
    assert.ok(objects.length > 15);
    for (const one of objects) assert.ok(one.apiVersion && one.kind && one.metadata.name, JSON.stringify(one));
    assert.deepEqual([...pods.keys()].toSorted(), ['bot', 'fixer', 'redis', 'worker']);
  });

  it('refers only to files that are there, and uses each of its files', () => {
    const used = kustomizations.flatMap(([file, [one]]) =>
      [...(one.resources ?? []), ...(one.components ?? []), ...(one.configMapGenerator ?? []).flatMap(filesOf)].map(
        (other) => path.join(path.dirname(file), other),
      ),
    );
    for (const one of used) assert.ok(existsSync(one), one);
    const plain = globSync('deploy/{base,components,fixes}/**/*.*').filter(
      (file) => !/kustomization\.yaml$|\.example\.yaml$/.test(file),
    );
    assert.deepEqual(
      plain.filter((file) => !used.includes(file)),
      [],
    );
  });
});

describe('the pods of deploy/', () => {
  for (const name of processes) {
    it(`${name} is given every variable that it needs, and none that does not exist`, () => {
      const [container] = pods.get(name).spec.containers;
      const shared = kustomizations
        .flatMap(([, [one]]) => one.configMapGenerator ?? [])
        .filter((one) => one.name === 'meshbot');
      const settings: readonly string[] = shared.flatMap((one) =>
        one.literals.map((line: string) => line.split('=')[0]),
      );
      const given = container.env.map((one: { name: string }) => variableOf(one.name));
      for (const one of [...given, ...settings]) assert.ok(known.has(one), `${one} is no variable of meshbot`);
      const needed = variables.filter(({ requiredBy }: Variable) => requiredBy.includes(name));
      const all = [...needed.map((one) => one.name as string), ...(name === 'bot' ? ['SLACK_APP_TOKEN'] : [])];
      assert.deepEqual(
        all.filter((one) => ![...given, ...settings].includes(one)),
        [],
      );
      assert.deepEqual(container.command, ['node', `src/${name}.ts`]);
      assert.ok(existsSync(container.command[1]));
    });

    it(`${name} is probed where it answers`, async () => {
      const [container] = pods.get(name).spec.containers;
      const health = await serveHealth({ host: '127.0.0.1', port: 0, registry: createMetrics().registry, probes: {} });
      try {
        for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
          const { path: asked, port } = container[probe].httpGet;
          assert.equal((await fetch(`${health.url}${asked}`)).status, 200, asked);
          const number = container.ports.find((one: { name: string }) => one.name === port).containerPort;
          assert.equal(String(number), variables.find((one) => one.name === 'HEALTH_PORT')?.default);
        }
      } finally {
        await health.close();
      }
      assert.equal(container.livenessProbe.httpGet.path, '/livez');
      assert.equal(container.readinessProbe.httpGet.path, '/readyz');
    });

    it(`${name} has time to end what it began`, () => {
      const seconds = Number(variables.find((one) => one.name === 'SHUTDOWN_SECONDS')?.default);
      assert.ok(pods.get(name).spec.terminationGracePeriodSeconds > seconds + 5);
    });
  }

  for (const [name, { metadata, spec }] of pods) {
    it(`${name} has no more than it needs`, () => {
      assert.equal(spec.securityContext.runAsNonRoot, true);
      assert.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault');
      assert.equal(spec.serviceAccountName, name);
      assert.equal(spec.automountServiceAccountToken, name === 'worker' || name === 'fixer');
      assert.equal(metadata.labels['sidecar.istio.io/inject'], 'false');
      assert.equal(metadata.labels['istio.io/dataplane-mode'], 'none');
      for (const { securityContext, resources, env = [] } of spec.containers) {
        assert.equal(securityContext.readOnlyRootFilesystem, true);
        assert.equal(securityContext.allowPrivilegeEscalation, false);
        assert.deepEqual(securityContext.capabilities.drop, ['ALL']);
        assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory);
        assert.ok(
          env.every((one: DeployObject) => one.valueFrom?.secretKeyRef === undefined),
          'secrets come as files',
        );
      }
    });

    it(`${name} gets only the keys of the Secret that it uses, at the paths that it reads`, () => {
      const [{ secret }] = spec.volumes.filter((one: DeployObject) => one.secret !== undefined);
      const paths = secret.items.map((item: DeployObject) => `/var/run/meshbot/${item.path}`);
      const read = (spec.containers[0].env ?? [])
        .filter((one: DeployObject) => one.name.endsWith('_FILE') && one.name !== 'POLICY_FILE')
        .map((one: DeployObject) => one.value);
      assert.deepEqual(paths.toSorted(), name === 'redis' ? ['/var/run/meshbot/redis-url'] : read.toSorted());
      assert.equal(
        paths.some((one: string) => one.endsWith('app-token')),
        name === 'bot',
      );
      assert.equal(
        paths.some((one: string) => one.includes('slack')),
        name === 'bot' || name === 'worker',
      );
    });
  }

  it('are given only variables that there are by components too', () => {
    const patches = kustomizations.flatMap(([, [one]]) => one.patches ?? []).flatMap(({ patch }) => documentsOf(patch));
    const given = patches
      .flat()
      .filter(({ path: place }: DeployObject) => place?.endsWith('/env/-'))
      .map(({ value }) => value.name);
    assert.ok(given.includes('PROMETHEUS_URL'));
    assert.deepEqual(
      given.filter((name) => !known.has(variableOf(name))),
      [],
    );
  });

  it('need one Secret, and its examples have every key', () => {
    for (const overlay of ['kubernetes', 'openshift']) {
      const [example] = files.get(`deploy/overlays/${overlay}/secret.example.yaml`) ?? [];
      assert.deepEqual(Object.keys(example.stringData), secretKeys);
      assert.deepEqual([example.metadata.name, example.metadata.namespace], ['meshbot', 'meshbot']);
    }
    for (const { spec } of pods.values())
      for (const { secret } of spec.volumes) assert.ok(secret === undefined || secret.secretName === 'meshbot');
  });
});

describe('the rights of deploy/', () => {
  const rules = objects.flatMap((one) => one.rules ?? []);

  it('name resources one by one, and never Secrets', () => {
    assert.ok(rules.length > 5);
    for (const { apiGroups, resources, verbs } of rules) {
      for (const word of [...apiGroups, ...resources, ...verbs]) assert.doesNotMatch(word, /\*/);
      assert.ok(resources.every((one: string) => one.split('/')[0] !== 'secrets'));
    }
  });

  /** Rules by the service account that is bound to them, all of this namespace. */
  function rulesOf(name: string): readonly DeployObject[] {
    const bound = objects.filter((one) =>
      one.subjects?.some((subject: DeployObject) => subject.namespace === 'meshbot' && subject.name === name),
    );
    return bound.flatMap(({ roleRef }) => named(roleRef.kind, roleRef.name)?.rules ?? []);
  }

  it('of the worker are read only, but for the forwarded port', () => {
    const writing = rulesOf('worker').filter(({ verbs }) =>
      verbs.some((verb: string) => !['get', 'list', 'watch'].includes(verb)),
    );
    assert.deepEqual(
      writing.map(({ resources, verbs }) => [resources, verbs]),
      [[['pods/portforward'], ['get', 'create']]],
    );
  });

  it('of the fixer are what its fixes need, in Roles; outside namespaces only to ask and to be somebody', () => {
    const clusterWide = named('ClusterRole', 'meshbot-impersonation').rules;
    const own = named('Role', 'meshbot-freeze').rules;
    const forFixes = rulesOf('fixer').filter((rule) => ![...clusterWide, ...own].includes(rule));
    const needed = fixes.flatMap(({ rights }) => [...rights.map(({ resource }) => resource.plural), 'events']);
    assert.deepEqual(forFixes.flatMap(({ resources }) => resources).toSorted(), needed.toSorted());
    for (const { verbs } of forFixes)
      for (const verb of verbs) assert.ok(['get', 'create', 'patch', 'delete'].includes(verb), verb);
    assert.deepEqual(
      clusterWide.map(({ resources, verbs, resourceNames }: DeployObject) => [
        ...resources,
        ...verbs,
        resourceNames?.length > 0,
      ]),
      [
        ['users', 'impersonate', true],
        ['groups', 'impersonate', true],
        ['subjectaccessreviews', 'create', false],
      ],
    );
  });

  it('let the worker read what fixes change', () => {
    const readable = rulesOf('worker').filter(({ verbs }) => verbs.includes('get'));
    for (const { resource, names } of fixes.flatMap(({ rights }) => rights)) {
      const rule = readable.find(
        ({ apiGroups, resources, resourceNames }) =>
          apiGroups.includes(resource.group) &&
          resources.includes(resource.plural) &&
          (resourceNames === undefined || names?.every((name) => resourceNames.includes(name))),
      );
      assert.ok(rule, `${resource.plural} ${names ?? ''}`);
    }
  });

  it('go to the worker and the fixer alone', () => {
    const subjects = objects.flatMap((one) => one.subjects ?? []);
    assert.deepEqual([...new Set(subjects.map((one) => `${one.kind} ${one.namespace}/${one.name}`))].toSorted(), [
      'ServiceAccount meshbot/fixer',
      'ServiceAccount meshbot/worker',
    ]);
  });

  it('of a fix are given only where somebody binds them', () => {
    const used = kustomizations.flatMap(([file, [one]]) =>
      [...(one.resources ?? []), ...(one.components ?? [])].map((other) => path.join(path.dirname(file), other)),
    );
    for (const { id } of fixes) assert.ok(!used.includes(`deploy/fixes/${id}`), id);
  });
});

describe('the policy of deploy/', () => {
  it('can be followed, and allows something', () => {
    const ids = fixes.map(({ id }) => id);
    assert.ok(readPolicy('deploy/fixes/policy.example.yaml', ids).fixes.length > 0);
  });
});

describe('the network policies of deploy/', () => {
  const policies = objects.filter((one) => one.kind === 'NetworkPolicy');

  it('deny what no other one names', () => {
    assert.deepEqual(named('NetworkPolicy', 'nothing-else').spec, {
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    for (const { metadata, spec } of policies)
      for (const flow of [...(spec.egress ?? []), ...(spec.ingress ?? [])])
        assert.ok(flow.ports.length > 0, metadata.name);
  });

  it('let in only metrics, and Redis for the processes', () => {
    const open = policies.filter((one) => one.spec.ingress !== undefined);
    assert.deepEqual(
      open.map((one) => [one.metadata.name, one.spec.ingress[0].ports[0].port]),
      [
        ['redis-from-meshbot', 6379],
        ['metrics-from-prometheus', 8081],
      ],
    );
  });

  it('let the worker read the metrics that its setting names', () => {
    const generators = kustomizations.flatMap(([, [one]]) => one.configMapGenerator ?? []);
    const settings: readonly string[] = generators.flatMap(({ literals = [] }) => literals);
    const value = settings.find((line) => line.startsWith('PROXY_METRICS='))?.split('=')[1];
    const { podSelector, egress } = named('NetworkPolicy', 'worker-to-proxy-metrics').spec;
    assert.deepEqual(podSelector.matchLabels, { 'app.kubernetes.io/component': 'worker' });
    assert.deepEqual(egress, [{ to: [{ namespaceSelector: {} }], ports: [{ protocol: 'TCP', port: Number(value) }] }]);
  });

  it('keep the bot away from the API server', () => {
    const toApi = policies.filter((one) => JSON.stringify(one.spec.egress ?? []).includes('6443'));
    assert.deepEqual(
      toApi.map((one) => one.spec.podSelector.matchLabels),
      [{ 'app.kubernetes.io/component': 'worker' }, { 'app.kubernetes.io/component': 'fixer' }],
    );
    const [{ to }] = named('NetworkPolicy', 'to-slack').spec.egress;
    assert.ok(to[0].ipBlock.except.includes('10.0.0.0/8'));
  });
});

function filesOf({ files: list = [] }: DeployObject): readonly string[] {
  return list;
}
