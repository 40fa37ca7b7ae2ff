import { operatorSilence, operatorTrouble, userPrometheus } from '../mesh/monitoring-rollout.ts';
import { isAtLeast, isManaged, isOpenShift, switchOf } from '../mesh/monitoring-switch.ts';
import type { Refusal } from '../model/fix.ts';
import {
  monitoringConfigName,
  monitoringNamespace,
  type UserWorkloadMonitoring,
  userMonitoringNamespace,
} from '../model/monitoring.ts';

const ask = 'See how it is: /mesh uwm.';

/** Why user-workload monitoring is not to be turned on here and now. */
export function reasonAgainst(evidence: UserWorkloadMonitoring): Refusal | undefined {
  if (!isOpenShift(evidence)) {
    return { refused: 'This is not OpenShift: it has no user-workload monitoring.', next: 'Use its own Prometheus.' };
  }
  return unseen(evidence) ?? managed(evidence) ?? switchedOn(evidence) ?? busy(evidence);
}

/** Without these nobody knows whether it may be done. */
function unseen(evidence: UserWorkloadMonitoring): Refusal | undefined {
  for (const part of ['config', 'operator', 'version', 'managedNamespaces'] as const) {
    const found = evidence[part];
    if (found.status === 'missing') return { refused: found.detail, next: found.next ?? ask };
  }
  const [silence] = operatorSilence(evidence);
  return silence && { refused: silence.detail, next: ask };
}

function managed(evidence: UserWorkloadMonitoring): Refusal | undefined {
  if (!isManaged(evidence)) return undefined;
  return {
    refused: 'Red Hat manages the monitoring of this cluster, and would turn the change back.',
    next: 'Turn it on in OpenShift Cluster Manager.',
  };
}

function switchedOn(evidence: UserWorkloadMonitoring): Refusal | undefined {
  const found = switchOf(evidence);
  if (found.state === 'off') return undefined;
  if (found.state === 'on') return { refused: 'User-workload monitoring is switched on already.', next: ask };
  if (found.state === 'unknown') return { refused: found.detail, next: found.next ?? ask };
  const detail = found.detail === undefined ? '' : ` ${found.detail}`;
  return {
    refused: `ConfigMap ${monitoringNamespace}/${monitoringConfigName} is not in order (${found.code}).${detail}`,
    next: 'Mend it by hand first, then ask again.',
  };
}

/** The operator has to be at rest: otherwise nobody could tell what this change did. */
function busy(evidence: UserWorkloadMonitoring): Refusal | undefined {
  const [trouble] = operatorTrouble(evidence);
  if (trouble !== undefined) {
    return { refused: `The monitoring operator is in trouble already. ${trouble.detail.join(' ')}`, next: ask };
  }
  const { operator, version } = evidence;
  if (version.status === 'seen' && version.value.isUpgrading) {
    return {
      refused: `The cluster is being upgraded to ${version.value.version}.`,
      next: 'Ask again when it is done.',
    };
  }
  const isProgressing =
    operator.status === 'seen' &&
    operator.value.some(({ type, status }) => type === 'Progressing' && status === 'True');
  return isProgressing
    ? { refused: 'The monitoring operator is rolling out another change.', next: 'Ask again in a few minutes.' }
    : undefined;
}

export function effectsOf(evidence: UserWorkloadMonitoring): readonly string[] {
  const pods = isSingleNode(evidence)
    ? 'Three new pods: an operator, one Prometheus, one Thanos Ruler'
    : 'Five new pods: an operator, two Prometheus, two Thanos Rulers';
  return [
    'It is for the whole cluster, not for one namespace: every PodMonitor and ServiceMonitor of a user project takes effect.',
    `${pods}, in ${userMonitoringNamespace}.`,
    `Deployment ${monitoringNamespace}/thanos-querier starts anew.`,
    'Metrics are kept for 24 hours, and without a volume only as long as a pod lives, unless user-workload-monitoring-config says otherwise.',
    'The API server checks the change first (OpenShift 4.18 and newer); every other setting stays as it is, to the byte.',
  ];
}

function isSingleNode({ topology }: UserWorkloadMonitoring): boolean {
  return topology.status === 'seen' && topology.value.infrastructure === 'SingleReplica';
}

export function doubtsOf(evidence: UserWorkloadMonitoring): readonly string[] {
  const { config, topology, prometheuses, nodes } = evidence;
  const missing = [topology, prometheuses, nodes].flatMap((part) => (part.status === 'missing' ? [part.detail] : []));
  const others =
    prometheuses.status === 'seen'
      ? prometheuses.value.filter(({ namespace }) => !namespace.startsWith('openshift-'))
      : [];
  const names = others.map(({ namespace, name }) => `${namespace}/${name}`).join(', ');
  const isCrowded = nodes.status === 'seen' && nodes.value < 2 && !isSingleNode(evidence);
  const isHosted = topology.status === 'seen' && topology.value.controlPlane === 'External';
  const isUnchecked =
    isAtLeast(evidence, [4, 18]) === false || (config.status === 'seen' && config.value.skipsValidation);
  return [
    ...missing,
    ...(names === '' ? [] : [`There are other Prometheuses (${names}): Red Hat asks to remove them first.`]),
    ...(isCrowded ? ['Fewer than two nodes take pods: the second Prometheus would stay Pending.'] : []),
    ...(isHosted ? ['The control plane is hosted elsewhere: whoever runs it may set this as well.'] : []),
    ...(isUnchecked ? ['The API server of this cluster does not check this ConfigMap: only I did.'] : []),
  ];
}

/** Turned off, it takes the metrics and the alerts of everybody who came to rely on it. */
export function reasonAgainstUndo(evidence: UserWorkloadMonitoring): Refusal | undefined {
  const { prometheuses, tenants } = evidence;
  if (prometheuses.status !== 'missing' && userPrometheus(evidence) === undefined) return undefined;
  if (tenants.status !== 'seen') {
    const why = tenants.status === 'missing' ? ` ${tenants.detail}` : '';
    return {
      refused: `I cannot rule out that projects rely on user-workload monitoring by now.${why}`,
      next: 'Ask who uses it, then set enableUserWorkload to false by hand.',
    };
  }
  if (tenants.value.length === 0) return undefined;
  return {
    refused: `User-workload monitoring has metrics of ${tenants.value.join(', ')} by now: they would lose them, and their alerts.`,
    next: 'Agree with them, then set enableUserWorkload to false by hand.',
  };
}
