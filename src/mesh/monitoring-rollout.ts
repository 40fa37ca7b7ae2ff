import type { Ref } from '../model/finding.ts';
import {
  type Condition,
  type MissingPart,
  monitoringNamespace,
  type PrometheusInstance,
  type Rollout,
  type UserWorkloadMonitoring,
  userMonitoringNamespace,
} from '../model/monitoring.ts';

/** What keeps user-workload monitoring from serving. */
export interface Obstacle {
  readonly code: 'config-rejected' | 'operator-degraded' | 'not-ready' | 'rolling-out';
  readonly subject: Ref;
  readonly detail: readonly string[];
}

const rejected = ['InvalidConfiguration', 'UserWorkloadInvalidConfiguration'];
const operatorRef: Ref = { kind: 'ClusterOperator', name: 'monitoring' };

/** What the monitoring operator complains of; that it works without a volume is no complaint. */
export function operatorTrouble({ operator }: UserWorkloadMonitoring): readonly Obstacle[] {
  if (operator.status === 'missing') return [];
  if (operator.status === 'absent') {
    return [{ code: 'operator-degraded', subject: operatorRef, detail: ['It does not exist.'] }];
  }
  const bad = operator.value.filter(
    ({ type, status }) => (type === 'Degraded' && status === 'True') || (type === 'Available' && status === 'False'),
  );
  if (bad.length === 0) return [];
  const code = bad.some(({ reason }) => rejected.includes(reason)) ? 'config-rejected' : 'operator-degraded';
  return [{ code, subject: operatorRef, detail: bad.map(said) }];
}

/** Facts without which nobody knows that all is well. */
export function unseenFacts(evidence: UserWorkloadMonitoring): readonly MissingPart[] {
  const parts = (['operator', 'prometheuses', 'statefulSets', 'querier'] as const).map((part) => evidence[part]);
  return [...parts.filter((part) => part.status === 'missing'), ...operatorSilence(evidence)];
}

/** What the monitoring operator does not say of itself: without a word on it, nothing is known to be well. */
export function operatorSilence({ operator }: UserWorkloadMonitoring): readonly MissingPart[] {
  if (operator.status !== 'seen') return [];
  const told = (type: string) =>
    operator.value.some((one) => one.type === type && (one.status === 'True' || one.status === 'False'));
  const silent = ['Available', 'Degraded', 'Progressing'].filter((type) => !told(type));
  if (silent.length === 0) return [];
  const detail = `ClusterOperator monitoring does not say whether it is ${silent.join(' or ')}.`;
  return [{ status: 'missing', reason: 'partial', detail }];
}

/** Whether there is a querier whose list of stores could be asked for: without it, its rollout has to do. */
export function hasStores({ stores }: UserWorkloadMonitoring): boolean {
  return stores.status === 'seen' || (stores.status === 'missing' && stores.reason !== 'not-in-source');
}

/**
 * What is not yet, or not any more, as it should be where monitoring is on.
 *
 * @see cluster-monitoring-operator pkg/client/client.go: validateMonitoringResource
 */
export function rolloutObstacles(evidence: UserWorkloadMonitoring): readonly Obstacle[] {
  const { operator } = evidence;
  const progressing =
    operator.status === 'seen'
      ? operator.value.filter(({ type, status }) => type === 'Progressing' && status === 'True')
      : [];
  return [
    ...progressing.map((one) => ({ code: 'rolling-out' as const, subject: operatorRef, detail: [said(one)] })),
    ...prometheusObstacles(evidence),
    ...statefulSetObstacles(evidence),
    ...querierObstacles(evidence),
    ...storeObstacles(evidence),
  ];
}

/** The Prometheus that the switch brings about. */
export function userPrometheus({ prometheuses }: UserWorkloadMonitoring): PrometheusInstance | undefined {
  if (prometheuses.status !== 'seen') return undefined;
  return prometheuses.value.find(
    ({ namespace, name }) => namespace === userMonitoringNamespace && name === 'user-workload',
  );
}

function prometheusObstacles(evidence: UserWorkloadMonitoring): readonly Obstacle[] {
  if (evidence.prometheuses.status === 'missing') return [];
  const subject: Ref = { kind: 'Prometheus', namespace: userMonitoringNamespace, name: 'user-workload' };
  const prometheus = userPrometheus(evidence);
  if (prometheus === undefined) return [{ code: 'rolling-out', subject, detail: ['It does not exist yet.'] }];
  const { isObserved, conditions } = prometheus;
  const lacking = ['Reconciled', 'Available'].flatMap((type) => {
    const condition = conditions.find((one) => one.type === type);
    if (condition?.status === 'True') return [];
    return [condition === undefined ? `It does not say yet whether it is ${type}.` : said(condition)];
  });
  if (!isObserved) return [{ code: 'rolling-out', subject, detail: ['Its operator has not seen the newest one yet.'] }];
  const code = conditions.length === 0 ? 'rolling-out' : 'not-ready';
  return lacking.length === 0 ? [] : [{ code, subject, detail: lacking }];
}

function statefulSetObstacles({ statefulSets }: UserWorkloadMonitoring): readonly Obstacle[] {
  if (statefulSets.status !== 'seen') return [];
  return ['prometheus-user-workload', 'thanos-ruler-user-workload'].flatMap((name): readonly Obstacle[] => {
    const subject = { kind: 'StatefulSet', namespace: userMonitoringNamespace, name };
    const found = statefulSets.value.find((one) => one.name === name);
    if (found === undefined) return [{ code: 'rolling-out', subject, detail: ['It does not exist yet.'] }];
    return isRolledOut(found) ? [] : [{ code: 'not-ready', subject, detail: [progressOf(found)] }];
  });
}

/** It starts anew, so that it asks the new Prometheus too. */
function querierObstacles({ querier }: UserWorkloadMonitoring): readonly Obstacle[] {
  const subject = { kind: 'Deployment', namespace: monitoringNamespace, name: 'thanos-querier' };
  if (querier.status === 'absent') return [{ code: 'not-ready', subject, detail: ['It does not exist.'] }];
  if (querier.status === 'missing') return [];
  const { value } = querier;
  if (!isRolledOut(value)) return [{ code: 'rolling-out', subject, detail: [progressOf(value)] }];
  return value.isToldOfUsers
    ? []
    : [{ code: 'rolling-out', subject, detail: ['It is not told of the user-workload Prometheus yet.'] }];
}

/** Only what the querier has as a store of its own comes into its answers. */
function storeObstacles({ stores }: UserWorkloadMonitoring): readonly Obstacle[] {
  if (stores.status !== 'seen') return [];
  const subject = { kind: 'Deployment', namespace: monitoringNamespace, name: 'thanos-querier' };
  const down = stores.value.filter(({ isUp }) => !isUp).map(({ name }) => name);
  if (stores.value.length > down.length) {
    return down.length === 0 ? [] : [{ code: 'not-ready', subject, detail: [`It does not reach ${down.join(', ')}.`] }];
  }
  return [{ code: 'rolling-out', subject, detail: ['It does not answer from the user-workload Prometheus yet.'] }];
}

function isRolledOut({ isObserved, updated, ready, replicas }: Rollout): boolean {
  return isObserved && updated >= replicas && ready >= replicas;
}

function progressOf({ updated, ready, replicas }: Rollout): string {
  return `${ready} of ${replicas} pods are ready, ${updated} of the newest kind.`;
}

function said({ type, status, reason, message }: Condition): string {
  const because = [reason, message].filter((part) => part !== '').join(': ');
  return `${type} is ${status}${because === '' ? '' : ` (${because.replaceAll(/\s+/g, ' ').slice(0, 300)})`}.`;
}
