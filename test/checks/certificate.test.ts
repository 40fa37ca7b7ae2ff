import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certificate } from '../../src/checks/certificate.ts';
import type { RunningProxy, Validity } from '../../src/model/proxy.ts';
import { workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const takenAt = '2026-06-15T12:00:00Z';
const root = { serial: 'a', from: '2026-01-01T00:00:00Z', until: '2036-01-01T00:00:00Z' };
const mesh = ['one', 'two', 'three'].map((name) => workload(`shop/${name}`));

const cases: readonly { name: string; own?: Partial<Validity>; roots?: readonly Validity[]; expected: string }[] = [
  { name: 'young', expected: 'ok valid shop/one' },
  {
    name: 'due for renewal',
    own: { from: '2026-06-14T22:00:00Z', until: '2026-06-15T22:00:00Z' },
    expected: 'ok valid shop/one',
  },
  {
    name: 'overdue',
    own: { from: '2026-06-14T16:00:00Z', until: '2026-06-15T16:00:00Z' },
    expected: 'warning expiring shop/one',
  },
  {
    name: 'short-lived and due',
    own: { from: '2026-06-15T11:29:00Z', until: '2026-06-15T12:29:00Z' },
    expected: 'ok valid shop/one',
  },
  { name: 'run out', own: { until: '2026-06-15T12:00:00Z' }, expected: 'error expired shop/one' },
  {
    name: 'of a root that runs out',
    roots: [{ ...root, until: '2026-07-01T00:00:00Z' }],
    expected: 'warning expiring shop/one',
  },
  {
    name: 'of a root that has run out',
    roots: [{ ...root, until: '2026-06-01T00:00:00Z' }],
    expected: 'error expired shop/one',
  },
  {
    name: 'of the next root, with the last still trusted',
    roots: [
      { ...root, until: '2026-06-01T00:00:00Z' },
      { ...root, serial: 'b' },
    ],
    expected: 'ok valid shop/one',
  },
];

describe('certificate', () => {
  for (const { name, own, roots, expected } of cases) {
    it(`judges one that is ${name}`, async () => {
      assert.deepEqual(outline(await judge([proxy('one', { own, roots })])), [expected]);
    });
  }

  it('finds the proxy that trusts another root than the others', async () => {
    const stray = proxy('three', { roots: [{ ...root, serial: 'b' }] });
    assert.deepEqual(outline(await judge([proxy('one'), proxy('two'), stray])), [
      'error other-root shop/three',
      'ok valid shop/one',
      'ok valid shop/two',
    ]);
  });

  it('is left out, not fine, where no proxy was asked', async () => {
    assert.deepEqual(await runCheck(certificate, mesh, { namespace: 'shop' }), []);
  });
});

function proxy(
  name: string,
  { own = {}, roots = [root] }: { own?: Partial<Validity> | undefined; roots?: readonly Validity[] | undefined } = {},
): RunningProxy {
  const valid = {
    serial: name,
    from: '2026-06-15T06:00:00Z',
    until: '2026-06-16T06:00:00Z',
    identity: `spiffe://${name}`,
  };
  const certificates = { own: { ...valid, ...own }, roots };
  return { namespace: 'shop', pod: `${name}-0`, workload: name, outbound: [], warming: [], certificates };
}

function judge(seen: readonly RunningProxy[]) {
  return runCheck(certificate, mesh, { namespace: 'shop' }, { proxies: { seen, unseen: [] }, takenAt });
}
