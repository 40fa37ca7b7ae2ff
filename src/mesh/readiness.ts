import type { Ref } from '../model/finding.ts';
import type { Observed } from '../model/observed.ts';
import { contains, mayCall, type Target } from '../model/target.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import type { Workload } from '../model/workload.ts';
import type { MeshView } from './mesh-view.ts';
import { countedPods } from './observed.ts';
import { type Changed, changedConnections, newDemands, underStrict } from './strict.ts';
import { type Doubt, doubtsOfChanges, doubtsOfSilence, doubtsOfTraffic } from './strict-doubts.ts';

/** What would become of a namespace, or of one workload of it, if the namespace demanded mTLS. */
export interface Readiness {
  /** Workloads in question with a proxy that runs. */
  readonly inMesh: readonly Workload[];
  /** Those that would begin to demand mTLS, on some port at least. */
  readonly affected: readonly Workload[];
  readonly changes: readonly Changed[];
  /** What speaks against it or leaves it open; `quiet` does neither. */
  readonly doubts: readonly Doubt[];
  /** Policies of single workloads or ports that would stay, and are not STRICT. */
  readonly kept: readonly PeerAuthentication[];
}

export function readinessOf(view: MeshView, observed: Observed, target: Target): Readiness {
  const { namespace = view.controlPlane.revisions[0]?.rootNamespace ?? '' } = target;
  const strict = underStrict(view, namespace);
  const wanted = {
    servers: (one: Workload) => contains(target, one),
    clients: (one: Workload) => mayCall(target, one),
  };
  const inMesh = view.workloads.filter((one) => wanted.servers(one) && countedPods(one).length > 0);
  const demands = new Map(inMesh.map((one) => [one, newDemands(one, view, strict)]));
  const affected = inMesh.filter((one) => demands.get(one) !== 'none');
  const changes = changedConnections(view, wanted)(strict);
  const doubts = [
    ...doubtsOfChanges(changes, view.workloads, target.namespace),
    ...affected.flatMap((one) => doubtsOfTraffic(one, observed, changes, demands.get(one) === 'some')),
    ...doubtsOfSilence(affected, observed, view.services, placeRef(target)),
  ];
  const kept = strict.peerAuthentications.filter((one) => one.namespace === namespace && !isStrict(one));
  return { inMesh, affected, changes, doubts, kept };
}

function isStrict({ mode, portModes }: PeerAuthentication): boolean {
  return mode === 'STRICT' && Object.values(portModes).every((one) => one === null || one === 'STRICT');
}

/** Whether it is known that nothing which works now would fail. */
export function isReady({ inMesh, doubts }: Readiness): boolean {
  return inMesh.length > 0 && doubts.every(({ code }) => code === 'quiet');
}

export function placeRef({ namespace, workload }: Target): Ref {
  if (workload !== undefined && namespace !== undefined) return { kind: 'Workload', namespace, name: workload };
  return { kind: 'Namespace', name: namespace ?? 'mesh' };
}
