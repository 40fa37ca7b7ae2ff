import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { candidateRules, indexDestinationRules, ruleFor } from '../../src/mesh/destination-rule.ts';
import type { DestinationRule } from '../../src/model/tls-config.ts';
import { destinationRule } from './view.ts';

const host = 'server.beta.svc.cluster.local';
const everything = '*.local';
const own = { app: 'client' };
const others = { app: 'other' };

interface Case {
  readonly name: string;
  readonly rules: readonly DestinationRule[];
  /** The objects that the client’s rule was made of. */
  readonly is: string;
  readonly client?: string;
  readonly meshDefault?: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'none', rules: [], is: '' },
  {
    name: 'of the client’s namespace before the service’s',
    rules: [destinationRule('beta/b', host), destinationRule('alpha/a', host)],
    is: 'a',
  },
  {
    name: 'of the service’s namespace before the root’s',
    rules: [destinationRule('istio-system/r', host), destinationRule('beta/b', host)],
    is: 'b',
  },
  { name: 'of the root namespace last', rules: [destinationRule('istio-system/r', host)], is: 'r' },
  {
    name: 'a wildcard in the client’s namespace shadows the service’s own',
    rules: [destinationRule('beta/b', host), destinationRule('alpha/a', everything)],
    is: 'a',
  },
  {
    name: 'the exact host before a wildcard',
    rules: [destinationRule('alpha/wide', everything), destinationRule('alpha/exact', host)],
    is: 'exact',
  },
  {
    name: 'the longest wildcard',
    rules: [destinationRule('alpha/wide', everything), destinationRule('alpha/long', '*.beta.svc.cluster.local')],
    is: 'long',
  },
  {
    name: 'a short name belongs to the rule’s namespace',
    rules: [destinationRule('beta/b', 'server'), destinationRule('alpha/a', 'server')],
    is: 'b',
  },
  { name: 'a name with a dot is literal', rules: [destinationRule('beta/b', 'server.beta')], is: '' },
  { name: 'of no third namespace', rules: [destinationRule('legacy/x', host)], is: '' },
  {
    name: 'not one that is exported to others only, even at home',
    rules: [destinationRule('alpha/a', host, { exportTo: ['beta'] }), destinationRule('beta/b', host)],
    is: 'b',
  },
  {
    name: 'one that its namespace keeps to itself',
    rules: [destinationRule('alpha/a', host, { exportTo: ['.'] })],
    is: 'a',
  },
  {
    name: 'not one that another namespace keeps to itself',
    rules: [destinationRule('beta/b', host, { exportTo: ['.'] }), destinationRule('istio-system/r', host)],
    is: 'r',
  },
  {
    name: 'an exact rule hidden from the client hides the wildcard beside it',
    rules: [
      destinationRule('beta/exact', host, { exportTo: ['legacy'] }),
      destinationRule('beta/wide', everything),
      destinationRule('istio-system/r', host),
    ],
    is: 'r',
  },
  {
    name: 'a private one hides nothing',
    rules: [destinationRule('beta/exact', host, { exportTo: ['.'] }), destinationRule('beta/wide', everything)],
    is: 'wide',
  },
  { name: 'the mesh’s default may be private', rules: [destinationRule('beta/b', host)], meshDefault: ['.'], is: '' },
  {
    name: 'the root namespace’s own clients see its private ones first',
    client: 'istio-system',
    rules: [
      destinationRule('beta/b', host),
      destinationRule('istio-system/public', host),
      destinationRule('istio-system/private', host, { exportTo: ['.'] }),
    ],
    is: 'private',
  },
  {
    name: 'and its public ones last',
    client: 'istio-system',
    rules: [destinationRule('istio-system/public', host), destinationRule('beta/b', host)],
    is: 'b',
  },
  {
    name: 'the one whose selector matches',
    rules: [destinationRule('alpha/all', host), destinationRule('alpha/own', host, { workloadSelector: own })],
    is: 'own',
  },
  {
    name: 'the one for all where the selector does not match',
    rules: [destinationRule('alpha/all', host), destinationRule('alpha/other', host, { workloadSelector: others })],
    is: 'all',
  },
  {
    name: 'none where a selector does not match: the search has ended',
    rules: [destinationRule('alpha/other', host, { workloadSelector: others }), destinationRule('beta/b', host)],
    is: '',
  },
  { name: 'a selector is not exported', rules: [destinationRule('beta/b', host, { workloadSelector: own })], is: '' },
  {
    name: 'a private one drowns in one with a selector',
    rules: [
      destinationRule('alpha/private', host, { exportTo: ['.'] }),
      destinationRule('alpha/other', host, { workloadSelector: others }),
    ],
    is: '',
  },
  {
    name: 'two of one host are merged',
    rules: [destinationRule('alpha/a', host), destinationRule('alpha/b', host)],
    is: 'a b',
  },
  {
    name: 'but not if their exportTo are not literally equal: the last-created counts',
    rules: [destinationRule('alpha/a', host), destinationRule('alpha/b', host, { exportTo: ['*'] })],
    is: 'b',
  },
  {
    name: 'two selectors are merged only if they are equal',
    rules: [
      destinationRule('alpha/a', host, { workloadSelector: own }),
      destinationRule('alpha/b', host, { workloadSelector: { ...own, version: 'v1' } }),
    ],
    is: 'a',
  },
];

function rule({ rules, client = 'alpha', meshDefault = [] }: Pick<Case, 'rules' | 'client' | 'meshDefault'>) {
  const index = indexDestinationRules(rules, {
    rootNamespace: 'istio-system',
    clusterDomain: 'cluster.local',
    exportTo: meshDefault,
  });
  return ruleFor(candidateRules(index, client, { host, namespace: 'beta' }), { namespace: client, labels: own });
}

describe('the DestinationRule that a client uses', () => {
  for (const one of cases) {
    it(one.name, () => {
      assert.equal((rule(one)?.from ?? []).map(({ name }) => name).join(' '), one.is);
    });
  }

  it('has the first policy and all the subsets of those it was merged from', () => {
    const merged = rule({
      rules: [
        destinationRule('alpha/a', host, { subsets: { v1: {} } }),
        destinationRule('alpha/b', host, { tls: 'DISABLE', subsets: { v1: { tls: 'SIMPLE' }, v2: {} } }),
        destinationRule('alpha/c', host, { tls: 'ISTIO_MUTUAL' }),
      ],
    });
    assert.equal(merged?.trafficPolicy?.tls?.mode, 'DISABLE');
    assert.equal(merged?.policyFrom.name, 'b');
    assert.deepEqual(
      merged?.subsets.map(({ name, trafficPolicy }) => [name, trafficPolicy]),
      [
        ['v1', undefined],
        ['v2', undefined],
      ],
    );
  });
});
