import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blindIstiods, hiddenFrom } from '../../src/mesh/discovery.ts';
import { revision, view, workload } from './view.ts';

const selected = [{ matchLabels: { mesh: 'yes' } }];
const namespaces = {
  complete: true,
  items: [
    { name: 'shop', labels: {} },
    { name: 'front', labels: { mesh: 'yes' } },
  ],
};

describe('discovery selectors', () => {
  it('hide what they do not pick, by labels or by name', () => {
    const byName = [
      { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['shop'] }] },
    ] as const;
    const hidden = (discoverySelectors: Parameters<typeof hiddenFrom>[0]['discoverySelectors']) => [
      ...hiddenFrom(revision({ discoverySelectors }), namespaces),
    ];
    assert.deepEqual(hidden(selected), ['shop']);
    assert.deepEqual(hidden(byName), ['front']);
    assert.deepEqual(hidden([]), []);
  });

  it('count of the istiods that proxies of the namespace obey', () => {
    const revisions = [revision({ discoverySelectors: selected }), revision({ name: 'canary' })];
    const bare = workload('shop/bare', { proxy: 'none' });
    const api = (of: string) => workload('shop/api', { revision: of });
    const blind = (workloads: Parameters<typeof view>[0]['workloads'], place = 'shop') =>
      blindIstiods(view({ revisions, namespaces, workloads: workloads ?? [] }), place);
    assert.deepEqual(blind([api('default'), bare]), ['default']);
    const gateway = workload('shop/gateway', { proxy: 'gateway', revision: 'default' });
    assert.deepEqual(blind([api('canary'), bare, gateway]), [], 'a gateway demands what its Gateway says');
    const ambient = workload('shop/ambient', { proxy: 'ambient' });
    assert.deepEqual(blind([ambient]), [], 'where whom they obey is not known, one that sees is enough');
    const [only] = revisions;
    assert.ok(only);
    const alone = view({ revisions: [only], namespaces, workloads: [bare] });
    assert.deepEqual(blindIstiods(alone, 'shop'), ['default']);
    assert.deepEqual(blind([workload('front/api', { revision: 'default' })], 'front'), []);
  });
});
