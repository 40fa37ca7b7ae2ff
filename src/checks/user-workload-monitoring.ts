import {
  hasStores,
  operatorTrouble,
  rolloutObstacles,
  unseenFacts,
  userPrometheus,
} from '../mesh/monitoring-rollout.ts';
import {
  isManaged,
  isOpenShift,
  isSurelyOpenShift,
  monitoringConfigRef,
  type Switch,
  switchOf,
} from '../mesh/monitoring-switch.ts';
import { type CodeMeaning, defineCheck, type Observation } from '../model/check.ts';
import type { UserWorkloadMonitoring } from '../model/monitoring.ts';

const id = 'user-workload-monitoring';
const mend = 'Mend it by hand: oc edit configmap cluster-monitoring-config -n openshift-monitoring.';
const lookAtPods =
  'Look at the pods: oc get pods -n openshift-user-workload-monitoring, and oc describe those not Ready.';
const readOperator = 'oc logs -n openshift-monitoring deploy/cluster-monitoring-operator';

const codes = {
  enabled: same('ok', 'has user-workload monitoring on, and it is healthy'),
  disabled: same(
    'warning',
    'leaves user-workload monitoring off',
    'meshbot can propose to turn it on: /mesh fix enable-user-workload-monitoring.',
  ),
  'disabled-elsewhere': same(
    'warning',
    'leaves user-workload monitoring off, and is not changed here: Red Hat manages this cluster',
    'Turn it on in OpenShift Cluster Manager: what is changed in the cluster itself is put back.',
  ),
  'rolling-out': same(
    'warning',
    'is not there yet, so user-workload monitoring does not serve yet',
    `Give it ten minutes. If it stays so, see why: ${readOperator}.`,
  ),
  'not-ready': same('error', 'is not ready, so user-workload monitoring does not serve in full', lookAtPods),
  'operator-degraded': same('error', 'reports trouble with monitoring', `See what it lacks: ${readOperator}.`),
  'config-rejected': same('error', 'refuses its configuration, and takes care of no monitoring until then', mend),
  'config-invalid': same('error', 'cannot be read, so the operator stops taking care of all monitoring', mend),
  'config-key-missing': same(
    'error',
    'has no key config.yaml, so the operator stops taking care of all monitoring',
    mend,
  ),
  'value-invalid': same('error', 'sets enableUserWorkload to neither true nor false, which is refused', mend),
  'key-misspelt': same('warning', 'does not set enableUserWorkload as it is meant to be written', mend),
  'not-openshift': same(
    'warning',
    'is not there: this is not OpenShift, so it has no user-workload monitoring',
    'Use the Prometheus that the cluster has of its own.',
  ),
  unseen: same('unknown', 'could not be seen in full'),
} as const satisfies Record<string, CodeMeaning>;

type Code = keyof typeof codes;

/** Whether OpenShift's Prometheus for user projects is on, and serves. */
export const userWorkloadMonitoring = defineCheck({
  id,
  title: 'User-workload monitoring',
  needs: ['userWorkloadMonitoring'],
  codes,
  isThere: ({ userWorkloadMonitoring: evidence }) => isSurelyOpenShift(evidence),
  *evaluate({ userWorkloadMonitoring: evidence }): Generator<Observation<Code>> {
    if (!isOpenShift(evidence)) {
      yield { code: 'not-openshift', subject: { kind: 'ClusterVersion', name: 'version' } };
      return;
    }
    const problems = [...unseenFacts(evidence).map(unknown), ...operatorTrouble(evidence)];
    const found = switchOf(evidence);
    if (found.state === 'on') problems.push(...rolloutObstacles(evidence), ...unseenStores(evidence));
    yield* problems;
    if (found.state !== 'on') yield notOn(found, evidence);
    else if (problems.length === 0) yield { code: 'enabled', subject: found.by, detail: healthOf(found, evidence) };
  },
});

function unseenStores(evidence: UserWorkloadMonitoring): readonly Observation<Code>[] {
  const { stores } = evidence;
  return stores.status === 'missing' && hasStores(evidence) ? [unknown(stores)] : [];
}

function healthOf({ detail }: { readonly detail?: string }, evidence: UserWorkloadMonitoring): readonly string[] {
  const asked = hasStores(evidence) ? [] : ['Its querier was not asked what it answers from.'];
  return [...(detail === undefined ? [] : [detail]), ...asked];
}

function same(severity: CodeMeaning['severity'], says: string, next?: string): CodeMeaning {
  return { severity, one: says, many: says, ...(next !== undefined && { next }) };
}

function notOn(found: Exclude<Switch, { state: 'on' }>, evidence: UserWorkloadMonitoring): Observation<Code> {
  if (found.state === 'unknown') return unknown(found);
  if (found.state === 'invalid') return { code: found.code, subject: monitoringConfigRef, ...detailOf(found) };
  const isLeaving = userPrometheus(evidence) !== undefined;
  const detail = [found.detail ?? [], isLeaving ? 'Its Prometheus is still there: it is being removed.' : []].flat();
  if (isManaged(evidence)) return { code: 'disabled-elsewhere', subject: found.by, detail };
  return { code: 'disabled', subject: found.by, detail, fix: { fix: 'enable-user-workload-monitoring' } };
}

function unknown({ detail, next }: { readonly detail: string; readonly next?: string }): Observation<Code> {
  const subject = { kind: 'Monitoring', name: 'of user workloads' };
  return { code: 'unseen', subject, detail: [detail], ...(next !== undefined && { next }) };
}

function detailOf({ detail }: { readonly detail?: string }): { readonly detail?: readonly string[] } {
  return detail === undefined ? {} : { detail: [detail] };
}
