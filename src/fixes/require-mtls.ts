import { limitOf } from '../mesh/observed-window.ts';
import { readinessOf } from '../mesh/readiness.ts';
import type { Changed } from '../mesh/strict.ts';
import { type Doubt, isAgainst } from '../mesh/strict-doubts.ts';
import { type StrictEdit, strictEdit } from '../mesh/strict-edit.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { describeRef } from '../model/finding.ts';
import { type Choice, defineFix, isRefusal, type Refusal, type Risk } from '../model/fix.ts';
import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import { listed } from '../model/statement.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import { isMapping } from './content.ts';
import { judgeStrict } from './judge-strict.ts';

/** Makes a namespace demand mTLS, where it is known that nothing which works now would fail. */
export const requireMtls = defineFix({
  id: 'require-mtls',
  title: 'Require mTLS in a namespace',
  does: 'Sets the PeerAuthentication that decides for a namespace to STRICT, if no caller would be shut out.',
  scope: 'namespace',
  needs: [...viewKinds, 'observed'],
  rights: [
    { verbs: ['get', 'create', 'patch', 'delete'], resource: resources.peerAuthentications, namespace: 'target' },
  ],
  choose({ observed, ...view }, { cluster, namespace = '' }, { takenAt }) {
    const place = strictEdit(view, namespace);
    if (isRefusal(place)) return place;
    const { inMesh, affected, changes, doubts, kept } = readinessOf(
      view,
      { observed, takenAt },
      { cluster, namespace },
    );
    if (inMesh.length === 0) return outside(namespace);
    if (affected.length === 0) return already(namespace, kept);
    const against = doubts.filter(isAgainst);
    if (against.length > 0) return notReady(namespace, against);
    const callers = callersOf(changes);
    const choice: Choice = {
      resource: resources.peerAuthentications,
      namespace,
      name: place.name,
      title: titleOf(place, namespace),
      risk: riskOf(callers.length, doubts.length > 0),
      effects: effectsOf(affected.length, callers, kept, place),
      doubts: [...doubts.map(inWords), limitOf(observed)],
    };
    return choice;
  },
  edit(object, { namespace = '' }) {
    if (object === null) return { after: strictPolicy(namespace) };
    const { spec = {}, metadata } = object;
    const what = `PeerAuthentication ${metadata.namespace}/${metadata.name}`;
    if (!isMapping(spec) || !isMapping(spec.mtls ?? {}) || !isMapping(spec.selector ?? {})) {
      return { refused: `${what} has a spec that I do not understand.`, next: 'Mend it by hand, and ask again.' };
    }
    if (Object.keys(labelsIn(spec.selector)).length > 0) {
      return { refused: `${what} has a selector: it is not for the whole namespace.`, next: 'Ask for the fix again.' };
    }
    const mtls = isMapping(spec.mtls) ? spec.mtls : {};
    return { after: { ...object, spec: { ...spec, mtls: { ...mtls, mode: 'STRICT' } } } };
  },
  undone: 'By one click within 24 hours, for as long as the policy stays as it was written.',
  undoWithinMinutes: 24 * 60,
  verify: { topic: 'mtls', withinSeconds: 180, judge: judgeStrict },
});

/** In the version that every Istio serves. */
function strictPolicy(namespace: string): KubeObject {
  return {
    apiVersion: 'security.istio.io/v1beta1',
    kind: 'PeerAuthentication',
    metadata: { name: 'default', namespace },
    spec: { mtls: { mode: 'STRICT' } },
  };
}

function labelsIn(selector: unknown): object {
  return isMapping(selector) && isMapping(selector.matchLabels) ? selector.matchLabels : {};
}

function titleOf({ policy }: StrictEdit, namespace: string): string {
  if (policy === undefined) return `Create PeerAuthentication ${namespace}/default with mode STRICT`;
  return `Set ${describeRef(policy)} from ${policy.mode ?? 'UNSET'} to STRICT`;
}

function callersOf(changes: readonly Changed[]): readonly string[] {
  const bearing = changes.filter(
    ({ before, after }) => before.demanded !== after.demanded && before.outcome !== 'fails',
  );
  return [...new Set(bearing.map(({ before: { client } }) => `${client.namespace}/${client.workload}`))];
}

/** Where somebody may have been missed it is never low. */
function riskOf(callers: number, isOpen: boolean): Risk {
  if (callers <= 5 && !isOpen) return 'low';
  return callers <= 25 ? 'medium' : 'high';
}

function effectsOf(
  servers: number,
  callers: readonly string[],
  kept: readonly PeerAuthentication[],
  { rivals }: StrictEdit,
): readonly string[] {
  const workloads = servers === 1 ? '1 workload begins' : `${servers} workloads begin`;
  return [
    `${workloads} to refuse plaintext; whoever sends mTLS goes on as before.`,
    callers.length === 0 ? 'No caller of them is known.' : `Judged for ${callers.length} callers: ${listed(callers)}.`,
    ...kept.map((one) => `${describeRef(one)} (${modesOf(one)}) stays, and its workloads go on to do as it says.`),
    ...rivals.map((one) => `${describeRef(one)} is younger, and counts for nothing, as before.`),
    'It takes effect within seconds, without restarts. Connections that are open stay for up to 45 s.',
  ];
}

function modesOf({ mode, portModes }: PeerAuthentication): string {
  const ports = Object.entries(portModes).map(([port, one]) => `port ${port} ${one ?? 'as the workload'}`);
  return [...(mode === undefined ? [] : [mode]), ...ports].join(', ') || 'without a mode of its own';
}

function inWords({ code, subject, to, detail = [] }: Doubt): string {
  const who = describeRef(subject);
  if (code === 'unseen') return `${who}: ${to}.`;
  return `${who} was not called ${listed(detail)}, so rare callers of it are not known.`;
}

function outside(namespace: string): Refusal {
  return {
    refused: `No proxy runs in ${namespace}, so nothing there would enforce mTLS.`,
    next: 'Take its workloads into the mesh first.',
  };
}

function already(namespace: string, kept: readonly PeerAuthentication[]): Refusal {
  const refused = `Every workload in ${namespace} demands mTLS already, or has a policy of its own.`;
  if (kept.length === 0) return { refused };
  return { refused, next: `Look at ${listed(kept.map(describeRef))}: those of single workloads are changed by hand.` };
}

function notReady(namespace: string, against: readonly Doubt[]): Refusal {
  const reasons = against.map(({ code, subject, to = '' }) => {
    const who = describeRef(subject);
    if (code === 'would-break') return `${who} would no longer reach ${to}`;
    return code === 'plaintext-senders' ? `${who} is still called in plaintext by ${to}` : `${who}: ${to}`;
  });
  const ask = `Ask for the details: /mesh mtls ${namespace} --strict-ready.`;
  const next = against.find(({ next: one }) => one !== undefined)?.next;
  return {
    refused: `${namespace} is not known to be ready for STRICT: ${listed([...new Set(reasons)])}.`,
    next: next === undefined ? ask : `${next} ${ask}`,
  };
}
