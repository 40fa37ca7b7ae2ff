import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import {
  type AuthorizationOperation,
  type AuthorizationPolicy,
  type AuthorizationRule,
  type AuthorizationSource,
  operationFields,
  sourceFields,
} from '../model/traffic-config.ts';
import { defineCollector, listMeshWide } from './collector.ts';
import { at, child, type Field, isAbsent, items, oneOf, required, text, textMap, texts } from './fields.ts';
import { identityOf } from './identity.ts';

export const authorizationPolicies = defineCollector({
  kind: 'authorizationPolicies',
  reads: [resources.authorizationPolicies],
  collect: (collection) => listMeshWide(collection, resources.authorizationPolicies, project),
});

function project(object: KubeObject): AuthorizationPolicy {
  const provider = text(at(object, 'spec', 'provider', 'name'));
  const single = at(object, 'spec', 'targetRef');
  const targets = [...items(at(object, 'spec', 'targetRefs')), ...(isAbsent(single) ? [] : [single])];
  return {
    kind: 'AuthorizationPolicy',
    ...identityOf(object),
    selector: textMap(at(object, 'spec', 'selector', 'matchLabels')),
    targetRefs: targets.map((target) => `${text(child(target, 'kind'))}/${text(child(target, 'name'))}`),
    action: oneOf(at(object, 'spec', 'action'), ['ALLOW', 'DENY', 'AUDIT', 'CUSTOM']) ?? 'ALLOW',
    dryRun: text(at(object, 'metadata', 'annotations', 'istio.io/dry-run')) === 'true',
    ...(provider !== undefined && { provider }),
    rules: items(at(object, 'spec', 'rules')).map(rule),
  };
}

function rule(field: Field): AuthorizationRule {
  return {
    from: items(child(field, 'from')).map((entry): AuthorizationSource => lists(child(entry, 'source'), sourceFields)),
    to: items(child(field, 'to')).map(
      (entry): AuthorizationOperation => lists(child(entry, 'operation'), operationFields),
    ),
    when: items(child(field, 'when')).map((condition) => ({
      key: required(child(condition, 'key'), text(child(condition, 'key'))),
      values: texts(child(condition, 'values')),
      notValues: texts(child(condition, 'notValues')),
    })),
  };
}

/** The lists that are there, with their opposites: `ports` and `notPorts`. */
function lists(field: Field, names: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const all = names.flatMap((name) => [name, `not${name.charAt(0).toUpperCase()}${name.slice(1)}`]);
  return Object.fromEntries(
    all
      .map((name) => [name, child(field, name)] as const)
      .filter(([, list]) => !isAbsent(list))
      .map(([name, list]) => [name, texts(list)]),
  );
}
