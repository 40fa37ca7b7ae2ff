import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { documentsOf } from '../deploy/deploy-files.ts';
import { type Manifest, useCluster } from './cluster.ts';
import { kustomize } from './kustomize.ts';

const cluster = await useCluster();
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };
const strictly = ['--dry-run=server', '--validate=strict', '--warnings-as-errors'];
const overlays = ['kubernetes', 'openshift'] as const;
/** From deploy/components. */
const fixing = ['../fixes/fixer', '../fixes/impersonation'];
const choices = [[], ['monitoring', 'prometheus', 'policy'], ['own-redis'], ['monitoring', 'own-redis', 'worker-only']];

/** What the Prometheus operator would bring: the documented fields that `deploy/` uses, and no others. */
const text = { type: 'string' };
const texts = { type: 'array', items: text };
const map = { type: 'object', additionalProperties: text };
const expression = { type: 'object', properties: { key: text, operator: text, values: texts } };
const selector = {
  type: 'object',
  properties: { matchLabels: map, matchExpressions: { type: 'array', items: expression } },
};
const podMonitor = {
  selector,
  podTargetLabels: texts,
  podMetricsEndpoints: {
    type: 'array',
    items: { type: 'object', properties: { port: text, path: text, interval: text } },
  },
};
const rule = { type: 'object', properties: { alert: text, expr: text, for: text, labels: map, annotations: map } };
const groups = {
  type: 'array',
  items: { type: 'object', properties: { name: text, rules: { type: 'array', items: rule } } },
};
const definitions = [
  definition('podmonitors', 'PodMonitor', podMonitor),
  definition('prometheusrules', 'PrometheusRule', { groups }),
];

before(async () => {
  const known = await cluster.kubectl('get', 'customresourcedefinitions', '-o', 'name');
  const missing = definitions.filter(({ metadata }) => !known.includes(`/${metadata.name}\n`));
  if (missing.length === 0) return;
  await cluster.apply(...missing);
  const names = missing.map(({ metadata }) => `customresourcedefinition/${metadata.name}`);
  await cluster.kubectl('wait', '--for=condition=Established', '--timeout=30s', ...names);
});

describe('deploy/ on a real API server', () => {
  for (const overlay of overlays) {
    for (const components of choices) {
      it(`accepts ${[overlay, ...components].join(' with ')}, strictly`, async () => {
        const namespace = await cluster.namespace('deploy');
        const objects = await kustomize(cluster, { overlay, components, namespace });
        assert.equal((await dryRun(objects)).length, objects.length);
        const kinds = objects.map(({ kind }) => kind);
        assert.equal(kinds.includes('PodMonitor'), components.includes('monitoring'));
        assert.equal(kinds.includes('StatefulSet'), !components.includes('own-redis'));
        const deployments = objects.filter(({ kind }) => kind === 'Deployment');
        assert.equal(deployments.length, components.includes('worker-only') ? 1 : 2);
      });
    }

    it(`accepts ${overlay} with fixes, strictly`, async () => {
      const namespace = await cluster.namespace('deploy');
      const objects = await kustomize(cluster, { overlay, components: fixing, namespace });
      assert.equal((await dryRun(objects)).length, objects.length);
      const deployments = objects.filter(({ kind }) => kind === 'Deployment').map(({ metadata: { name } }) => name);
      assert.equal(deployments.filter((name) => name.startsWith('fixer')).length, 1);
    });

    it(`makes pods that the strictest level of Pod Security takes: ${overlay}`, async () => {
      const namespace = await cluster.namespace('deploy', restricted);
      const objects = await kustomize(cluster, { overlay, components: fixing, namespace });
      await cluster.apply(...objects.filter(({ kind }) => kind === 'ServiceAccount'));
      const pods = objects.flatMap((one) => podsOf(one, namespace));
      assert.equal(pods.length, 4);
      await dryRun(pods);
      const [first] = pods;
      const greedy = { ...first, spec: { ...Object(first?.spec), hostNetwork: true } } as Manifest;
      await assert.rejects(dryRun([greedy]), /violates PodSecurity "restricted/);
    });
  }

  it('refuses a field that does not exist, so that what it accepts means something', async () => {
    const namespace = await cluster.namespace('deploy');
    const [deployment] = (await kustomize(cluster, { overlay: 'kubernetes', namespace })).filter(
      ({ kind }) => kind === 'Deployment',
    );
    const wrong = { ...deployment, spec: { ...Object(deployment?.spec), replica: 2 } } as Manifest;
    await assert.rejects(dryRun([wrong]), /unknown field "(spec\.)?replica"/);
  });

  for (const folder of ['components/mesh-portforward', 'fixes/require-mtls', 'fixes/align-destination-rule-tls']) {
    it(`accepts the Role of deploy/${folder} in any namespace`, async () => {
      const namespace = await cluster.namespace('deploy');
      const printed = await cluster.kubectl('apply', '-n', namespace, '-k', `deploy/${folder}`, ...strictly);
      assert.equal(printed.trim().split('\n').length, 2);
    });
  }

  it('accepts the examples of the Secret', async () => {
    for (const overlay of overlays) {
      const file = `deploy/overlays/${overlay}/secret.example.yaml`;
      const namespace = await cluster.namespace('deploy');
      const secret = documentsOf(await cluster.kubectl('create', '--dry-run=client', '-o', 'yaml', '-f', file));
      await dryRun(secret.map((one) => ({ ...one, metadata: { ...one.metadata, namespace } })));
    }
  });
});

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-deploy-'));
after(() => rmSync(dir, { recursive: true, force: true }));

/** Resolves with a line for each object; a warning of the API server is an error here. */
async function dryRun(items: readonly Manifest[]): Promise<readonly string[]> {
  const file = path.join(dir, 'objects.json');
  writeFileSync(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  return (await cluster.kubectl('apply', ...strictly, '-f', file)).trim().split('\n');
}

/** The pod that a Deployment or StatefulSet would make. */
function podsOf(object: Manifest, namespace: string): readonly Manifest[] {
  const { template, volumeClaimTemplates = [] } = Object(object.spec);
  if (template === undefined) return [];
  const claims = volumeClaimTemplates.map(({ metadata }: Manifest) => ({ name: metadata.name, emptyDir: {} }));
  const { metadata, spec } = template;
  return [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, name: object.metadata.name, namespace },
      spec: { ...spec, volumes: [...spec.volumes, ...claims] },
    },
  ];
}

function definition(plural: string, kind: string, spec: object): Manifest {
  const group = 'monitoring.coreos.com';
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: spec } } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: kind.toLowerCase(), kind },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  };
}
