import { parse } from 'yaml';
import type { LabelSelector, Revision } from '../model/control-plane.ts';
import type { KubeObject } from '../model/sources.ts';
import {
  at,
  child,
  type Field,
  flag,
  invalid,
  items,
  oneOf,
  required,
  text,
  textMap,
  texts,
  within,
} from './fields.ts';

export type MeshConfig = Pick<
  Revision,
  | 'rootNamespace'
  | 'enableAutoMtls'
  | 'trustDomain'
  | 'trustDomainAliases'
  | 'defaultServiceExportTo'
  | 'defaultVirtualServiceExportTo'
  | 'discoverySelectors'
  | 'outboundTrafficPolicy'
  | 'defaultDestinationRuleExportTo'
>;

/** Reads key `mesh` of istiod's ConfigMap; what it leaves out has Istio's default. */
export function readMeshConfig(configMap: KubeObject, istiodNamespace: string): MeshConfig {
  const source = at(configMap, 'data', 'mesh');
  return meshConfigOf(within(configMap, 'data.mesh', parseYaml(source)), istiodNamespace);
}

/** @see istio pkg/config/mesh/mesh.go: DefaultMeshConfig */
export function defaultMeshConfig(istiodNamespace: string): MeshConfig {
  const nothing: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio' } };
  return meshConfigOf(within(nothing, 'data.mesh', {}), istiodNamespace);
}

function meshConfigOf(mesh: Field, istiodNamespace: string): MeshConfig {
  return {
    rootNamespace: text(child(mesh, 'rootNamespace')) || istiodNamespace,
    enableAutoMtls: flag(child(mesh, 'enableAutoMtls')) ?? true,
    trustDomain: text(child(mesh, 'trustDomain')) || 'cluster.local',
    trustDomainAliases: texts(child(mesh, 'trustDomainAliases')),
    defaultServiceExportTo: texts(child(mesh, 'defaultServiceExportTo')),
    defaultVirtualServiceExportTo: texts(child(mesh, 'defaultVirtualServiceExportTo')),
    discoverySelectors: items(child(mesh, 'discoverySelectors')).map(labelSelector),
    outboundTrafficPolicy: text(child(child(mesh, 'outboundTrafficPolicy'), 'mode')) ?? 'ALLOW_ANY',
    defaultDestinationRuleExportTo: texts(child(mesh, 'defaultDestinationRuleExportTo')),
  };
}

export function labelSelector(field: Field): LabelSelector {
  const expressions = items(child(field, 'matchExpressions')).map((expression) => ({
    key: required(child(expression, 'key'), text(child(expression, 'key'))),
    operator: required(
      child(expression, 'operator'),
      oneOf(child(expression, 'operator'), ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const),
    ),
    values: texts(child(expression, 'values')),
  }));
  return { matchLabels: textMap(child(field, 'matchLabels')), matchExpressions: expressions };
}

function parseYaml(field: Field): unknown {
  try {
    return parse(text(field) ?? '');
  } catch {
    throw invalid(field, 'valid YAML');
  }
}
