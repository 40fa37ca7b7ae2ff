import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { effectiveMtls, indexPeerAuthentications, modeAt, namespaceMtls } from '../../src/mesh/peer-authentication.ts';
import type { MtlsMode, PeerAuthentication } from '../../src/model/tls-config.ts';
import { peerAuthentication } from './view.ts';

const root = 'istio-system';
const server = { namespace: 'beta', labels: { app: 'server', version: 'v1' } };
const selector = { app: 'server' };
const mesh = (mode?: MtlsMode) => peerAuthentication(`${root}/default`, mode);
const namespace = (mode?: MtlsMode) => peerAuthentication('beta/default', mode);

interface Case {
  readonly name: string;
  readonly policies: readonly PeerAuthentication[];
  /** Of the workload, then of ports: `STRICT 8080=DISABLE`. */
  readonly is: string;
  readonly by?: string;
}

const cases: readonly Case[] = [
  { name: 'is PERMISSIVE where nothing says otherwise', policies: [], is: 'PERMISSIVE' },
  { name: 'takes the mesh’s', policies: [mesh('STRICT')], is: 'STRICT', by: 'default' },
  { name: 'lets the namespace override the mesh', policies: [mesh('STRICT'), namespace('DISABLE')], is: 'DISABLE' },
  {
    name: 'lets the workload override the namespace',
    policies: [namespace('DISABLE'), peerAuthentication('beta/own', 'STRICT', { selector })],
    is: 'STRICT',
    by: 'own',
  },
  { name: 'lets UNSET inherit', policies: [mesh('STRICT'), namespace(undefined)], is: 'STRICT' },
  { name: 'takes an UNSET mesh for PERMISSIVE', policies: [mesh(undefined)], is: 'PERMISSIVE' },
  {
    name: 'lets a workload’s UNSET inherit from the mesh, past an UNSET namespace',
    policies: [mesh('DISABLE'), namespace(undefined), peerAuthentication('beta/own', undefined, { selector })],
    is: 'DISABLE',
  },
  {
    name: 'takes the oldest in a scope, even if it says nothing',
    policies: [namespace(undefined), peerAuthentication('beta/a-rival', 'STRICT')],
    is: 'PERMISSIVE',
  },
  {
    name: 'ignores a selector in the root namespace',
    policies: [peerAuthentication(`${root}/own`, 'STRICT', { selector })],
    is: 'PERMISSIVE',
  },
  {
    name: 'ignores policies of other namespaces and for other labels',
    policies: [
      peerAuthentication('alpha/default', 'STRICT'),
      peerAuthentication('beta/own', 'STRICT', { selector: { app: 'other' } }),
    ],
    is: 'PERMISSIVE',
  },
  {
    name: 'reads ports from the workload’s policy, UNSET as its mode',
    policies: [peerAuthentication('beta/own', 'STRICT', { selector, ports: { 8080: 'DISABLE', 9000: null } })],
    is: 'STRICT 8080=DISABLE',
  },
  {
    name: 'does not merge the ports of two policies',
    policies: [
      peerAuthentication('beta/own', undefined, { selector, ports: { 8080: 'STRICT' } }),
      peerAuthentication('beta/second', undefined, { selector, ports: { 9000: 'STRICT' } }),
    ],
    is: 'PERMISSIVE 8080=STRICT',
  },
  {
    name: 'ignores ports of a policy without a selector',
    policies: [peerAuthentication('beta/default', 'STRICT', { ports: { 8080: 'DISABLE' } })],
    is: 'STRICT',
  },
];

describe('effective PeerAuthentication', () => {
  for (const { name, policies, is, by } of cases) {
    it(name, () => {
      const effect = effectiveMtls(server, policies, root);
      const ports = effect.exceptions.map(({ port, mode }) => `${port}=${mode}`);
      assert.equal([effect.mode, ...ports].join(' '), is);
      if (by !== undefined) assert.equal(effect.decidedBy[0]?.name, by);
    });
  }

  it('breaks ties of age by name', () => {
    const both = [peerAuthentication('beta/b', 'STRICT'), peerAuthentication('beta/a', 'DISABLE')];
    const twins = both.map((policy) => ({ ...policy, createdAt: '2026-01-01T00:00:00Z' }));
    assert.equal(effectiveMtls(server, twins, root).mode, 'DISABLE');
  });

  it('lets a workload of the root namespace have the mesh’s only', () => {
    const policies = [mesh('STRICT'), peerAuthentication(`${root}/own`, 'DISABLE', { selector })];
    assert.equal(effectiveMtls({ ...server, namespace: root }, policies, root).mode, 'STRICT');
  });

  it('does not depend on the order of its input', () => {
    const policies = cases.flatMap((one) => one.policies);
    fc.assert(
      fc.property(fc.shuffledSubarray(policies, { minLength: policies.length }), (shuffled) => {
        assert.deepEqual(effectiveMtls(server, shuffled, root), effectiveMtls(server, policies, root));
      }),
    );
  });
});

describe('the hint that auto mTLS takes', () => {
  it('is the namespace’s, and knows nothing of workloads and ports', () => {
    const policies = [
      mesh('STRICT'),
      peerAuthentication('beta/own', 'DISABLE', { selector, ports: { 8080: 'DISABLE' } }),
    ];
    assert.equal(namespaceMtls('beta', indexPeerAuthentications(policies, root)).mode, 'STRICT');
    assert.equal(modeAt(effectiveMtls(server, policies, root), 8080).mode, 'DISABLE');
  });
});
