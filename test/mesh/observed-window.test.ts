import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { youngPods } from '../../src/mesh/observed-window.ts';
import { observedOf } from '../helpers/observed.ts';
import { workload } from './view.ts';

const takenAt = '2026-01-01T12:00:00Z';
const [old, young, younger] = ['2026-01-01T11:00:00Z', '2026-01-01T11:50:00Z', '2026-01-01T11:59:59Z'] as const;

describe('pods that are younger than the window', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['are named where all are', [young, younger], ['api-0 has run for 10 min', 'api-1 has run for 0 min']],
    ['are covered by an older one', [young, old], []],
    ['are none where all are old', [old], []],
    ['are none where files do not say', [''], []],
    ['are none of none', [], []],
  ];
  for (const [name, ages, expected] of cases) {
    it(name, () => {
      const api = workload('shop/api', { pods: ages.map(() => ({})) });
      const pods = api.pods.map((pod, index) => ({ ...pod, createdAt: ages[index] ?? '' }));
      assert.deepEqual(youngPods({ ...api, pods }, observedOf([]), takenAt), expected);
    });
  }

  it('are not asked for where proxies say themselves how long they have counted', () => {
    const api = workload('shop/api');
    const pods = api.pods.map((pod) => ({ ...pod, createdAt: younger }));
    assert.deepEqual(youngPods({ ...api, pods }, { traffic: [], proxies: [] }, takenAt), []);
  });
});
