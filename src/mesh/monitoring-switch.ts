import type { Ref } from '../model/finding.ts';
import { monitoringConfigName, monitoringNamespace, type UserWorkloadMonitoring } from '../model/monitoring.ts';

export const monitoringConfigRef: Ref = {
  kind: 'ConfigMap',
  namespace: monitoringNamespace,
  name: monitoringConfigName,
};

/** Whether user-workload monitoring is meant to be on, and by which object. */
export type Switch =
  | { readonly state: 'on'; readonly by: Ref; readonly detail?: string }
  | { readonly state: 'off'; readonly by: Ref; readonly detail?: string }
  /** The operator does not take the configuration, or will not. */
  | { readonly state: 'invalid'; readonly code: InvalidCode; readonly detail?: string }
  | { readonly state: 'unknown'; readonly detail: string; readonly next?: string };

export type InvalidCode = 'config-key-missing' | 'config-invalid' | 'value-invalid' | 'key-misspelt';

/**
 * What the operator makes of the ConfigMap and of the ClusterMonitoring resource. The ConfigMap's word comes first.
 *
 * @see cluster-monitoring-operator pkg/manifests/config_merge.go
 */
export function switchOf(evidence: UserWorkloadMonitoring): Switch {
  const { config } = evidence;
  if (config.status === 'missing') return { state: 'unknown', detail: config.detail, ...nextOf(config) };
  if (config.status === 'absent')
    return elsewhere(evidence, 'It does not exist: then the default holds, which is off.');
  const { text, problem, hasDuplicates, similarKeys, enableUserWorkload } = config.value;
  if (text === 'no-key') return { state: 'invalid', code: 'config-key-missing' };
  if (text === 'broken') return { state: 'invalid', code: 'config-invalid', ...(problem && { detail: problem }) };
  if (enableUserWorkload === 'invalid') return { state: 'invalid', code: 'value-invalid' };
  if (hasDuplicates) return duplicates(evidence);
  const misread = similarKeys.length === 0 ? undefined : misspelt(similarKeys, evidence);
  if (misread !== undefined) return misread;
  if (enableUserWorkload === undefined) return elsewhere(evidence, 'It does not set enableUserWorkload.');
  return { state: enableUserWorkload ? 'on' : 'off', by: monitoringConfigRef };
}

function elsewhere({ clusterMonitoring }: UserWorkloadMonitoring, detail: string): Switch {
  if (clusterMonitoring.status === 'missing') {
    return { state: 'unknown', detail: clusterMonitoring.detail, ...nextOf(clusterMonitoring) };
  }
  if (clusterMonitoring.status === 'absent' || clusterMonitoring.value === '') {
    return { state: 'off', by: monitoringConfigRef, detail };
  }
  const { value } = clusterMonitoring;
  const by = { kind: 'ClusterMonitoring', name: 'cluster' };
  return { state: value === 'NamespaceIsolated' ? 'on' : 'off', by, detail: `Its spec.userDefined.mode is ${value}.` };
}

/** Until 4.17 the operator ignores what it does not know; later it refuses the whole configuration. */
function duplicates(evidence: UserWorkloadMonitoring): Switch {
  const detail = 'A key is written twice.';
  const isStrict = isAtLeast(evidence, [4, 18]);
  if (isStrict === undefined) return versionUnknown(evidence);
  return { state: 'invalid', code: isStrict ? 'config-invalid' : 'key-misspelt', detail };
}

/** Letter case did not matter until 4.18. */
function misspelt(keys: readonly string[], evidence: UserWorkloadMonitoring): Switch | undefined {
  const names = keys.join(', ');
  const onlyCase = keys.every((key) => key.toLowerCase() === 'enableuserworkload');
  const isStrict = isAtLeast(evidence, onlyCase ? [4, 19] : [4, 18]);
  if (isStrict === undefined) return versionUnknown(evidence);
  if (isStrict)
    return { state: 'invalid', code: 'config-invalid', detail: `It has the key ${names}, which is refused.` };
  const later = onlyCase ? 'OpenShift takes it until 4.18, and refuses it later' : 'OpenShift ignores it';
  return { state: 'invalid', code: 'key-misspelt', detail: `It says ${names}, not enableUserWorkload: ${later}.` };
}

function versionUnknown({ version }: UserWorkloadMonitoring): Switch {
  const detail = 'A key is misspelt or written twice, and what becomes of that depends on the version of OpenShift.';
  return { state: 'unknown', detail, ...(version.status === 'missing' && nextOf(version)) };
}

/** Whether OpenShift is of this version or newer; `undefined`: its version is not known. */
export function isAtLeast(
  { version }: Pick<UserWorkloadMonitoring, 'version'>,
  [major, minor]: readonly [number, number],
): boolean | undefined {
  if (version.status !== 'seen') return undefined;
  const [, ...numbers] = /^(\d+)\.(\d+)/.exec(version.value.version) ?? [];
  const [theirMajor, theirMinor] = numbers.map(Number);
  if (theirMajor === undefined || theirMinor === undefined) return undefined;
  return theirMajor === major ? theirMinor >= minor : theirMajor > major;
}

function nextOf({ next }: { readonly next?: string }): { readonly next?: string } {
  return next === undefined ? {} : { next };
}

/** Red Hat runs the cluster, so the switch is turned in OpenShift Cluster Manager. */
export function isManaged({ config, managedNamespaces }: UserWorkloadMonitoring): boolean {
  return managedNamespaces.status === 'seen' || (config.status === 'seen' && config.value.isHives);
}

/** Something of OpenShift is there, though it may not be ours to read. */
export function isSurelyOpenShift({ version, operator }: UserWorkloadMonitoring): boolean {
  return [version, operator].some(
    (part) => part.status === 'seen' || (part.status === 'missing' && part.reason !== 'not-in-source'),
  );
}

/** Every OpenShift has a version and a monitoring operator. */
export function isOpenShift({ version, operator }: UserWorkloadMonitoring): boolean {
  return version.status !== 'absent' || operator.status !== 'absent';
}
