import { defineFix, type Edited, type Refusal, type Verification } from '../model/fix.ts';
import { monitoringConfigName, monitoringNamespace } from '../model/monitoring.ts';
import type { Report } from '../model/report.ts';
import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import { isMapping } from './content.ts';
import { doubtsOf, effectsOf, reasonAgainst, reasonAgainstUndo } from './monitoring-choice.ts';
import { withUserWorkload } from './monitoring-config.ts';

const place = { resource: resources.configMaps, namespace: monitoringNamespace, name: monitoringConfigName };

/**
 * Turns on OpenShift's Prometheus for user projects: one setting in a text that may hold the whole set-up of
 * monitoring.
 */
export const enableUserWorkloadMonitoring = defineFix({
  id: 'enable-user-workload-monitoring',
  title: 'Turn on user-workload monitoring',
  does: "Turns on OpenShift's Prometheus for user projects, for the whole cluster.",
  scope: 'cluster',
  needs: ['userWorkloadMonitoring'],
  rights: [
    {
      verbs: ['get', 'patch', 'create'],
      resource: resources.configMaps,
      namespace: monitoringNamespace,
      names: [monitoringConfigName],
    },
  ],
  choose: ({ userWorkloadMonitoring: evidence }) =>
    reasonAgainst(evidence) ?? { ...place, risk: 'high', effects: effectsOf(evidence), doubts: doubtsOf(evidence) },
  edit: (object) => (object === null ? created : edited(object)),
  undone:
    'One click within an hour sets it to false, unless projects have metrics in it by then. Metrics kept until then are deleted.',
  undoWithinMinutes: 60,
  mayUndo: ({ userWorkloadMonitoring: evidence }) => reasonAgainstUndo(evidence),
  verify: { topic: 'uwm', withinSeconds: 600, lastsSeconds: 300, judge: verificationOf },
});

const created: Edited = {
  after: configMapWith('enableUserWorkload: true\n'),
  undo: configMapWith('enableUserWorkload: false\n'),
};

function configMapWith(text: string): KubeObject {
  const { namespace, name } = place;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data: { 'config.yaml': text } };
}

function edited(object: KubeObject): Edited | Refusal {
  if (object.metadata.labels?.['hive.openshift.io/managed'] === 'true') {
    return {
      refused: 'Hive keeps this ConfigMap as OpenShift Cluster Manager says, and would turn the change back.',
      next: 'Turn it on in OpenShift Cluster Manager.',
    };
  }
  const data = isMapping(object.data) ? object.data : {};
  const { 'config.yaml': text = '' } = data;
  const after = typeof text === 'string' ? withUserWorkload(text) : { refused: 'config.yaml is no text.' };
  return typeof after === 'string' ? { after: { ...object, data: { ...data, 'config.yaml': after } } } : after;
}

function verificationOf({ verdict, headline, findings }: Report): Verification {
  const given = findings.find(
    ({ code }) => code === 'config-rejected' || code === 'disabled' || code === 'disabled-elsewhere',
  );
  if (given?.code === 'config-rejected')
    return { state: 'failed', says: `The operator refuses the configuration: ${headline}.` };
  if (given !== undefined) return { state: 'failed', says: 'Somebody or something has switched it off again.' };
  return verdict === 'ok' ? { state: 'done', says: `${headline}.` } : { state: 'waiting', says: `${headline}.` };
}
