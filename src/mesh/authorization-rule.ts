import type { AuthorizationCondition, AuthorizationPolicy, AuthorizationRule } from '../model/traffic-config.ts';
import { attributeNamed, type Peer } from './authorization-attribute.ts';
import { once } from './once.ts';

/** `depends`: on what the single request or connection says. */
export type Match = 'yes' | 'no' | 'depends';

/**
 * Whether a rule matches a caller. On a TCP port an ALLOW rule with an HTTP field never matches, while a DENY rule
 * matches without regard to that field: both err on the closed side.
 *
 * @see istio pilot/pkg/security/authz/model/model.go: Generate
 */
export function matchRule(
  rule: AuthorizationRule,
  { action, namespace }: Pick<AuthorizationPolicy, 'action' | 'namespace'>,
  peer: Peer,
): Match {
  const { sources, operations, when, valid, httpOnly } = readRule(rule);
  if (!valid || (action === 'ALLOW' && peer.carries === 'tcp' && httpOnly.length > 0)) return 'no';
  const allOf = (conditions: readonly AuthorizationCondition[]) =>
    all(conditions.map((condition) => matchCondition(condition, namespace, peer)));
  return all([
    sources.length === 0 ? 'yes' : any(sources.map(allOf)),
    operations.length === 0 ? 'yes' : any(operations.map(allOf)),
    allOf(when),
  ]);
}

/** The fields of a rule that each request decides, for the reader. */
export function requestFields(rule: AuthorizationRule): readonly string[] {
  return readRule(rule).httpOnly;
}

/** A rule as conditions: each of `sources` and `operations` holds if all of its own do. */
const readRule = once(({ from, to, when }: AuthorizationRule) => {
  const sources = from.map((source) => conditionsOf(source, sourceKeys));
  const operations = to.map((operation) => conditionsOf(operation, operationKeys));
  const keys = [...new Set([...sources.flat(), ...operations.flat(), ...when].map(({ key }) => key))];
  return {
    sources,
    operations,
    when,
    /** Istio leaves out a rule with a key that it does not know. */
    valid: keys.every((key) => attributeNamed(key) !== undefined),
    httpOnly: keys.filter((key) => attributeNamed(key)?.httpOnly === true),
  };
});

const sourceKeys: Readonly<Record<string, string>> = {
  principals: 'source.principal',
  requestPrincipals: 'request.auth.principal',
  namespaces: 'source.namespace',
  serviceAccounts: 'source.serviceAccount',
  trustDomains: 'source.trustDomain',
  ipBlocks: 'source.ip',
  remoteIpBlocks: 'remote.ip',
};

const operationKeys: Readonly<Record<string, string>> = {
  hosts: 'request.host',
  ports: 'destination.port',
  methods: 'request.method',
  paths: 'request.path',
};

/** Fields of `source` and `operation` say the same as conditions of `when`. */
function conditionsOf(
  fields: Readonly<Record<string, readonly string[] | undefined>>,
  keys: Readonly<Record<string, string>>,
): readonly AuthorizationCondition[] {
  return Object.entries(keys)
    .map(([field, key]) => {
      const not = `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;
      return { key, values: fields[field] ?? [], notValues: fields[not] ?? [] };
    })
    .filter(({ values, notValues }) => values.length + notValues.length > 0);
}

function matchCondition(
  { key, values, notValues }: AuthorizationCondition,
  policyNamespace: string,
  peer: Peer,
): Match {
  const attribute = attributeNamed(key);
  if (attribute === undefined) return 'no';
  if (attribute.httpOnly && peer.carries === 'tcp') return 'yes';
  const matches = (value: string) => attribute.match(value, peer, policyNamespace);
  return all([values.length === 0 ? 'yes' : any(values.map(matches)), not(any(notValues.map(matches)))]);
}

function all(matches: readonly Match[]): Match {
  if (matches.includes('no')) return 'no';
  return matches.includes('depends') ? 'depends' : 'yes';
}

function any(matches: readonly Match[]): Match {
  if (matches.includes('yes')) return 'yes';
  return matches.includes('depends') ? 'depends' : 'no';
}

function not(match: Match): Match {
  if (match === 'depends') return match;
  return match === 'yes' ? 'no' : 'yes';
}
