import { countedPods } from '../mesh/observed.ts';
import { changesOf, newDemands, underStrict } from '../mesh/strict.ts';
import { doubtsOfChanges, doubtsOfSilence, doubtsOfTraffic } from '../mesh/strict-doubts.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { type Ref, ref } from '../model/finding.ts';
import { contains, mayCall, type Target } from '../model/target.ts';
import type { Workload } from '../model/workload.ts';

/** Whether the namespace can go STRICT: what works now and would fail then, and who still sends plaintext. */
export const strictReadiness = defineCheck({
  id: 'strict-readiness',
  title: 'Ready for STRICT mTLS',
  needs: [...viewKinds, 'observed'],
  codes: {
    'would-break': {
      severity: 'error',
      one: 'would no longer reach {to}',
      many: 'would no longer reach {to}',
      next: 'Before going STRICT, take these callers into the mesh, or correct the rule that makes them send plaintext.',
    },
    'plaintext-senders': {
      severity: 'error',
      one: 'is still called in plaintext by {to}',
      many: 'are still called in plaintext by {to}',
    },
    'cannot-tell': { severity: 'unknown', one: 'cannot be judged: {to}', many: 'cannot be judged: {to}' },
    quiet: {
      severity: 'info',
      one: 'got no request, so rare callers of it are not known',
      many: 'got no request, so rare callers of them are not known',
    },
    ready: { severity: 'ok', one: 'can go STRICT', many: 'can go STRICT' },
  },
  *evaluate({ observed, ...view }, target) {
    const { namespace = view.controlPlane.revisions[0]?.rootNamespace ?? '' } = target;
    const strict = underStrict(view, namespace);
    const wanted = {
      servers: (one: Workload) => contains(target, one),
      clients: (one: Workload) => mayCall(target, one),
    };
    const inMesh = view.workloads.filter((one) => wanted.servers(one) && countedPods(one).length > 0);
    const demands = new Map(inMesh.map((one) => [one, newDemands(one, view, strict)]));
    const affected = inMesh.filter((one) => demands.get(one) !== 'none');
    const changes = changesOf(view, strict, wanted);
    const doubts = [
      ...doubtsOfChanges(changes, view.workloads, target.namespace),
      ...affected.flatMap((one) => doubtsOfTraffic(one, observed, changes, demands.get(one) === 'some')),
      ...doubtsOfSilence(affected, observed, view.services, placeRef(target)),
    ];
    yield* doubts;
    if (inMesh.length === 0 || doubts.some(({ code }) => code !== 'quiet')) return;
    const kept = strict.peerAuthentications.filter((one) => one.namespace === namespace && one.mode !== 'STRICT');
    const judged = `${changes.length} connections were judged anew, and none that works now would fail`;
    const detail = [
      affected.length === 0 ? 'it would change nothing: all demand mTLS already, or stay as they are' : judged,
    ];
    yield { code: 'ready', subject: placeRef(target), detail, because: kept.map(ref) };
  },
});

function placeRef({ namespace, workload }: Target): Ref {
  if (workload !== undefined && namespace !== undefined) return { kind: 'Workload', namespace, name: workload };
  return { kind: 'Namespace', name: namespace ?? 'mesh' };
}
