import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyConfig } from '../../src/checks/proxy-config.ts';
import type { OutboundCluster, RunningProxy } from '../../src/model/proxy.ts';
import { manifest, meshConfig, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { outline, runCheck } from '../helpers/run-check.ts';

const takenAt = '2026-06-15T12:00:00Z';
const host = 'web.shop.svc.cluster.local';
const mesh = [
  meshConfig({}),
  workload('shop/web', { labels: { app: 'web' }, ports: [{ containerPort: 8080 }], ip: '10.0.0.12' }),
  workload('shop/caller'),
  service('shop/web', { app: 'web' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
];
const strict = peerAuthentication('shop/web', 'STRICT', { selector: { app: 'web' }, ports: { 8080: 'PERMISSIVE' } });
const rule = destinationRule({ trafficPolicy: { tls: { mode: 'DISABLE' } }, subsets: [{ name: 'v1' }] });
const auto: OutboundCluster = { port: 80, host, opens: 'auto' };
const plain: OutboundCluster = { ...auto, opens: 'plaintext', rule: { namespace: 'shop', name: 'web' } };

interface Case {
  readonly name: string;
  readonly objects?: readonly string[];
  readonly web?: RunningProxy['inbound'];
  readonly caller?: Partial<RunningProxy>;
  readonly expected: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a server whose ports are as its policy says',
    objects: [strict],
    web: { ports: { 8080: 'PERMISSIVE', 9000: 'STRICT' }, others: 'STRICT' },
    expected: ['ok in-step shop/web'],
  },
  {
    name: 'a server that did not get the policy',
    objects: [strict],
    web: { ports: { 8080: 'PERMISSIVE' }, others: 'PERMISSIVE' },
    expected: ['warning stale shop/web'],
  },
  {
    name: 'a server that kept a policy which is gone',
    web: { ports: { 8080: 'STRICT' }, others: 'PERMISSIVE' },
    expected: ['warning stale shop/web'],
  },
  {
    name: 'a server that may still get the policy',
    objects: [peerAuthentication('shop/default', 'STRICT', { created: '2026-06-15T11:59:30Z' })],
    web: { ports: {}, others: 'PERMISSIVE' },
    expected: ['unknown catching-up shop/web'],
  },
  { name: 'a client without any rule', caller: { outbound: [auto] }, expected: ['ok in-step shop/caller'] },
  {
    name: 'a client with its rule',
    objects: [rule],
    caller: { outbound: [plain] },
    expected: ['ok in-step shop/caller'],
  },
  {
    name: 'a client that did not get its rule',
    objects: [rule],
    caller: { outbound: [auto] },
    expected: ['warning other-rule shop/caller'],
  },
  {
    name: 'a client that sends the same by a rule which is gone',
    caller: { outbound: [{ ...auto, rule: { namespace: 'shop', name: 'old' } }] },
    expected: ['warning other-rule shop/caller'],
  },
  {
    name: 'a client with a subset that is gone',
    objects: [rule],
    caller: {
      outbound: [
        { ...plain, subset: 'v1' },
        { ...plain, subset: 'v2' },
      ],
    },
    expected: ['warning other-rule shop/caller'],
  },
  {
    name: 'a client whose cluster is warming, once',
    objects: [rule],
    caller: { outbound: [auto], warming: [{ port: 80, host }] },
    expected: ['unknown warming shop/caller'],
  },
  {
    name: 'a client whose cluster is warming for the first time',
    caller: { warming: [{ port: 80, host }] },
    expected: ['unknown warming shop/caller'],
  },
  {
    name: 'a client that knows which port of a server takes no mTLS',
    objects: [disabled()],
    caller: { outbound: [reaching('plaintext')] },
    expected: ['ok in-step shop/caller'],
  },
  {
    name: 'a client that does not know yet that a port takes no mTLS',
    objects: [disabled()],
    caller: { outbound: [reaching('mtls')] },
    expected: ['warning endpoint-differs shop/caller'],
  },
  {
    name: 'a client that may still be told',
    objects: [disabled('2026-06-15T11:59:30Z')],
    caller: { outbound: [reaching('mtls')] },
    expected: ['unknown catching-up shop/caller'],
  },
  {
    name: 'a client that was not told that mTLS is taken again',
    caller: { outbound: [reaching('plaintext')] },
    expected: ['warning endpoint-differs shop/caller'],
  },
  {
    name: 'a client that knows addresses which are gone',
    caller: { outbound: [reaching('plaintext', '10.0.0.99:8080')] },
    expected: ['ok in-step shop/caller'],
  },
  {
    name: 'a client whose rule decides, whatever its endpoints are marked with',
    objects: [rule],
    caller: { outbound: [{ ...reaching('mtls'), ...plain }] },
    expected: ['ok in-step shop/caller'],
  },
  {
    name: 'a client of something else',
    caller: { outbound: [{ ...auto, host: 'api.shop.svc.cluster.local' }] },
    expected: [],
  },
];

describe('proxy-config', () => {
  for (const { name, objects = [], web, caller, expected } of cases) {
    it(`judges ${name}`, async () => {
      const seen = [
        ...(web === undefined ? [] : [{ ...proxy('web'), inbound: web }]),
        ...(caller === undefined ? [] : [{ ...proxy('caller'), ...caller }]),
      ];
      const given = { proxies: { seen, unseen: [] }, takenAt };
      const findings = await runCheck(proxyConfig, [...mesh, ...objects], { namespace: 'shop' }, given);
      assert.deepEqual(outline(findings), expected);
    });
  }

  it('is left out, not fine, where no proxy was asked', async () => {
    assert.deepEqual(await runCheck(proxyConfig, mesh, { namespace: 'shop' }), []);
  });

  it('looks only at connections to the workload in question', async () => {
    const seen = [{ ...proxy('web'), outbound: [plain], inbound: { ports: {}, others: 'STRICT' as const } }];
    const given = { proxies: { seen, unseen: [] }, takenAt };
    assert.deepEqual(await runCheck(proxyConfig, mesh, { namespace: 'shop', workload: 'caller' }, given), []);
  });
});

function proxy(name: string): RunningProxy {
  return { namespace: 'shop', pod: `${name}-0`, workload: name, outbound: [], warming: [] };
}

/** A cluster with one endpoint, the server's pod. */
function reaching(how: 'mtls' | 'plaintext', address = '10.0.0.12:8080'): OutboundCluster {
  return { ...auto, endpoints: { mtls: [], plaintext: [], [how]: [address] } };
}

function disabled(created = '2026-06-01T12:00:00Z'): string {
  return peerAuthentication('shop/web', 'STRICT', { selector: { app: 'web' }, ports: { 8080: 'DISABLE' }, created });
}

function destinationRule(spec: object): string {
  return manifest('networking.istio.io/v1', 'DestinationRule', 'shop/web', { spec: { host: 'web', ...spec } });
}
