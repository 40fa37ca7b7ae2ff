import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { recentChange } from '../../src/checks/recent-change.ts';
import { manifest, meshConfig, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const takenAt = '2026-06-15T12:00:00Z';
const created = '2026-06-15T11:59:30Z';
const mesh = [
  meshConfig({}),
  workload('shop/web', { labels: { app: 'web' } }),
  service('shop/web', { app: 'web' }, [{ port: 80, targetPort: 8080 }]),
];
const settled = ['ok settled shop/web'];
const destinationRule = (id: string, host: string) =>
  manifest('networking.istio.io/v1', 'DestinationRule', id, { created, spec: { host } });

const cases: readonly { name: string; objects: readonly string[]; expected: readonly string[] }[] = [
  {
    name: 'nothing new',
    objects: [peerAuthentication('shop/default', 'STRICT', { created: '2026-06-15T11:59:00Z' })],
    expected: settled,
  },
  { name: 'an object of unknown age', objects: [peerAuthentication('shop/default', 'STRICT')], expected: settled },
  {
    name: 'a policy of the namespace',
    objects: [peerAuthentication('shop/default', 'STRICT', { created })],
    expected: ['unknown pending shop/default'],
  },
  {
    name: 'a policy of the mesh',
    objects: [peerAuthentication('istio-system/default', 'STRICT', { created })],
    expected: ['unknown pending istio-system/default'],
  },
  {
    name: 'a policy of the mesh under one of the namespace',
    objects: [
      peerAuthentication('istio-system/default', 'STRICT', { created }),
      peerAuthentication('shop/default', 'STRICT'),
    ],
    expected: settled,
  },
  {
    name: 'a policy of another workload',
    objects: [peerAuthentication('shop/api', 'STRICT', { created, selector: { app: 'api' } })],
    expected: settled,
  },
  {
    name: 'a policy of another namespace',
    objects: [peerAuthentication('other/default', 'STRICT', { created })],
    expected: settled,
  },
  {
    name: 'a rule for its host',
    objects: [destinationRule('shop/web', 'web')],
    expected: ['unknown pending shop/web'],
  },
  {
    name: 'a rule for all hosts',
    objects: [destinationRule('istio-system/all', '*.local')],
    expected: ['unknown pending istio-system/all'],
  },
  { name: 'a rule for another host', objects: [destinationRule('shop/api', 'api')], expected: settled },
  {
    name: 'a rule of callers who were not asked about',
    objects: [destinationRule('other/all', '*.local')],
    expected: settled,
  },
  {
    name: 'a policy of old whose text was written now',
    objects: [written('2026-06-15T11:59:50Z', '')],
    expected: ['unknown pending shop/default'],
  },
  {
    name: 'a policy whose status alone was written now',
    objects: [written('2026-06-15T11:59:50Z', 'status')],
    expected: settled,
  },
];

describe('recent-change', () => {
  for (const { name, objects, expected } of cases) {
    it(`judges ${name}`, async () => {
      const findings = await runCheck(recentChange, [...mesh, ...objects], { namespace: 'shop' }, { takenAt });
      assert.deepEqual(outline(findings), expected);
    });
  }
});

function written(time: string, subresource: string): string {
  const managedFields = [{ manager: 'kubectl', operation: 'Update', time, ...(subresource && { subresource }) }];
  const policy = { created: '2026-01-01T00:00:00Z', managedFields, spec: { mtls: { mode: 'STRICT' } } };
  return manifest('security.istio.io/v1', 'PeerAuthentication', 'shop/default', policy);
}
