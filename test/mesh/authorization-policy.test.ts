import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuthorizationPolicy, AuthorizationRule } from '../../src/model/traffic-config.ts';
import { authorizationPolicy, call, destinationRule, revision, service, view, workload } from './view.ts';

const client = workload('alpha/client', { ip: '10.0.0.7' });
const naked = workload('legacy/client', { proxy: 'none', ip: '10.9.0.1' });
const server = workload('beta/server', { ip: '10.0.0.8' });
const bare = workload('beta/bare', { proxy: 'none' });
const services = [service([server], ['http:80>8080', 'tcp:9000', 'any:7000']), service([bare])];
const selector = { app: 'server' };

type Rule = Partial<AuthorizationRule>;
type Action = AuthorizationPolicy['action'];

const policy = (action: Action, rules: readonly Rule[], more: Parameters<typeof authorizationPolicy>[3] = {}) =>
  authorizationPolicy(
    'beta/who',
    action,
    rules.map((rule) => ({ from: [], to: [], when: [], ...rule })),
    { selector, ...more },
  );
const from = (source: AuthorizationRule['from'][number]): Rule => ({ from: [source] });
const to = (operation: AuthorizationRule['to'][number]): Rule => ({ to: [operation] });
const when = (key: string, values: readonly string[], notValues: readonly string[] = []): Rule => ({
  when: [{ key, values, notValues }],
});

const principal = 'cluster.local/ns/alpha/sa/client';

/** An ALLOW policy with one rule: what it does to a caller with mTLS, and to one without a proxy. */
const sources: readonly (readonly [Rule, string])[] = [
  [{}, 'works works'],
  [from({}), 'works works'],
  [from({ principals: [principal] }), 'works fails'],
  [from({ principals: ['cluster.local/ns/alpha/*'] }), 'works fails'],
  [from({ principals: ['*/sa/client'] }), 'works fails'],
  [from({ principals: ['*'] }), 'works fails'],
  [from({ principals: ['cluster.local/ns/beta/sa/client'] }), 'fails fails'],
  [from({ principals: [`spiffe://${principal}`] }), 'fails fails'],
  [from({ notPrincipals: [principal] }), 'fails works'],
  [from({ namespaces: ['alpha'] }), 'works fails'],
  [from({ namespaces: ['al*'] }), 'works fails'],
  [from({ namespaces: ['beta', 'legacy'] }), 'fails fails'],
  [from({ notNamespaces: ['beta'] }), 'works works'],
  [from({ notNamespaces: ['alpha'] }), 'fails works'],
  [from({ serviceAccounts: ['alpha/client'] }), 'works fails'],
  [from({ serviceAccounts: ['client'] }), 'fails fails'],
  [from({ trustDomains: ['cluster.local'] }), 'works fails'],
  [from({ ipBlocks: ['10.0.0.0/24'] }), 'works fails'],
  [from({ ipBlocks: ['10.9.0.1'] }), 'fails works'],
  [from({ notIpBlocks: ['10.0.0.0/16'] }), 'fails works'],
  [from({ remoteIpBlocks: ['10.0.0.0/8'] }), 'unknown unknown'],
  [from({ requestPrincipals: ['*'] }), 'unknown unknown'],
  [from({ namespaces: ['beta'], ipBlocks: ['10.0.0.7'] }), 'fails fails'],
  [{ from: [{ namespaces: ['beta'] }, { ipBlocks: ['10.0.0.7'] }] }, 'works fails'],
  [to({ ports: ['8080'] }), 'works works'],
  [to({ ports: ['80'] }), 'fails fails'],
  [to({ notPorts: ['8080'] }), 'fails fails'],
  [to({ paths: ['/x'] }), 'unknown unknown'],
  [to({ paths: ['*'], methods: ['*'], hosts: ['*'] }), 'works works'],
  [to({ methods: ['GET'], ports: ['80'] }), 'fails fails'],
  [when('source.namespace', ['alpha']), 'works fails'],
  [when('source.principal', [], [principal]), 'fails works'],
  [when('destination.port', ['8080']), 'works works'],
  [when('destination.ip', ['10.0.0.8/32']), 'works works'],
  [when('connection.sni', ['*.server.beta.svc.cluster.local']), 'works fails'],
  [when('connection.sni', ['*']), 'works fails'],
  [when('request.headers[x-token]', ['a']), 'unknown unknown'],
  [when('request.auth.claims[iss]', ['a']), 'unknown unknown'],
  [when('nothing.of.the.kind', ['a']), 'fails fails'],
];

describe('an ALLOW rule', () => {
  for (const [rule, expected] of sources) {
    it(`${JSON.stringify(rule)}`, () => {
      const mesh = view({
        workloads: [client, naked, server],
        services,
        authorizationPolicies: [policy('ALLOW', [rule])],
      });
      const outcomes = ['alpha/client', 'legacy/client'].map((one) => call(mesh, one, 'beta/server').outcome);
      assert.equal(outcomes.join(' '), expected);
    });
  }
});

/** On port 80 (HTTP), 9000 (TCP) and 7000 (detected), for a caller with mTLS. */
const protocols: readonly (readonly [Action, Rule, string])[] = [
  ['ALLOW', to({ paths: ['/x'] }), 'unknown fails unknown'],
  ['ALLOW', { from: [{ namespaces: ['alpha'] }, { requestPrincipals: ['a/b'] }] }, 'works fails unknown'],
  ['DENY', to({ paths: ['/x'] }), 'unknown fails unknown'],
  ['DENY', { ...from({ namespaces: ['beta'] }), ...to({ paths: ['/x'] }) }, 'works works works'],
  ['DENY', to({ ports: ['9000'], methods: ['GET'] }), 'works fails works'],
  ['DENY', from({ notPrincipals: [principal] }), 'works works works'],
  ['DENY', from({ namespaces: ['alpha'] }), 'fails fails fails'],
  ['DENY', {}, 'fails fails fails'],
  ['CUSTOM', to({ ports: ['9000'] }), 'works unknown works'],
  ['AUDIT', {}, 'works works works'],
];

describe('rules on HTTP, TCP and detected ports', () => {
  for (const [action, rule, expected] of protocols) {
    it(`${action} ${JSON.stringify(rule)}`, () => {
      const mesh = view({ workloads: [client, server], services, authorizationPolicies: [policy(action, [rule])] });
      const outcomes = [80, 9000, 7000].map((port) => call(mesh, 'alpha/client', 'beta/server', port).outcome);
      assert.equal(outcomes.join(' '), expected);
    });
  }
});

const allowOthers = policy('ALLOW', [from({ namespaces: ['beta'] })]);

const combined: readonly {
  readonly name: string;
  readonly policies: readonly AuthorizationPolicy[];
  readonly to?: string;
  readonly is: string;
}[] = [
  { name: 'without rules nothing is allowed', policies: [policy('ALLOW', [])], is: 'fails' },
  { name: 'without rules nothing is denied', policies: [policy('DENY', [])], is: 'works' },
  { name: 'one ALLOW that matches is enough', policies: [allowOthers, policy('ALLOW', [{}])], is: 'works' },
  { name: 'DENY beats ALLOW', policies: [policy('ALLOW', [{}]), policy('DENY', [{}])], is: 'fails' },
  {
    name: 'a refusal is sure whatever a request says',
    policies: [policy('DENY', [to({ paths: ['/x'] })]), allowOthers],
    is: 'fails',
  },
  {
    name: 'an ALLOW that surely matches outweighs one that may',
    policies: [policy('ALLOW', [to({ paths: ['/x'] })]), policy('ALLOW', [{}])],
    is: 'works',
  },
  {
    name: 'the root namespace’s are for all',
    policies: [authorizationPolicy('istio-system/all', 'DENY', [{ from: [], to: [], when: [] }])],
    is: 'fails',
  },
  {
    name: 'with a selector too',
    policies: [authorizationPolicy('istio-system/all', 'ALLOW', [], { selector })],
    is: 'fails',
  },
  { name: 'other namespaces’ are not', policies: [authorizationPolicy('alpha/all', 'ALLOW', [])], is: 'works' },
  { name: 'nor those for other labels', policies: [policy('ALLOW', [], { selector: { app: 'other' } })], is: 'works' },
  {
    name: 'nor those for gateways and waypoints',
    policies: [policy('ALLOW', [], { targetRefs: ['Service/server'] })],
    is: 'works',
  },
  { name: 'a dry run refuses nothing', policies: [policy('ALLOW', [], { dryRun: true })], is: 'works' },
  {
    name: 'and counts for nothing among others',
    policies: [policy('ALLOW', [{}], { dryRun: true }), allowOthers],
    is: 'fails',
  },
  {
    name: 'a pod without a proxy obeys none',
    to: 'beta/bare',
    policies: [authorizationPolicy('beta/all', 'ALLOW', [])],
    is: 'works',
  },
];

describe('several AuthorizationPolicies', () => {
  for (const { name, policies, to: target = 'beta/server', is } of combined) {
    it(name, () => {
      const mesh = view({ workloads: [client, server, bare], services, authorizationPolicies: policies });
      assert.equal(call(mesh, 'alpha/client', target).outcome, is);
    });
  }

  it('sees no identity in plaintext', () => {
    const destinationRules = [destinationRule('alpha/off', 'server.beta.svc.cluster.local', { tls: 'DISABLE' })];
    const authorizationPolicies = [policy('ALLOW', [from({ principals: ['*'] })])];
    const mesh = view({ workloads: [client, server], services, destinationRules, authorizationPolicies });
    assert.equal(call(mesh, 'alpha/client', 'beta/server').outcome, 'fails');
  });

  it('takes cluster.local for the mesh’s own trust domain', () => {
    const authorizationPolicies = [policy('ALLOW', [from({ principals: [principal] })])];
    const mesh = view({
      revisions: [revision({ trustDomain: 'corp' })],
      workloads: [client, server],
      services,
      authorizationPolicies,
    });
    assert.equal(call(mesh, 'alpha/client', 'beta/server').outcome, 'works');
  });

  it('names the policy and what the request decides', () => {
    const mesh = view({
      workloads: [client, server],
      services,
      authorizationPolicies: [policy('DENY', [to({ paths: ['/x'] })])],
    });
    const { because } = call(mesh, 'alpha/client', 'beta/server');
    assert.ok(
      because.some((sentence) => /AuthorizationPolicy beta\/who.*request\.path/.test(sentence)),
      because.join('\n'),
    );
  });
});
