import type { Observed } from '../model/observed.ts';
import { contains, mayCall, type Target } from '../model/target.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import type { Workload } from '../model/workload.ts';
import { blindIstiods } from './discovery.ts';
import type { MeshView } from './mesh-view.ts';
import { countedPods } from './observed.ts';
import { placeRef } from './place-ref.ts';
import { type Changed, changedConnections, newDemands, underStrict } from './strict.ts';
import { type Doubt, doubtsOfChanges, doubtsOfCounting, doubtsOfSenders, isAgainst } from './strict-doubts.ts';
import { doubtsOfStrangers } from './strict-strangers.ts';
import { doubtsOfSilence, doubtsOfWaysIn } from './strict-unseen.ts';
import { withPodsToCome } from './template-pods.ts';

/** What would become of a namespace, or of one workload of it, if the namespace demanded mTLS. */
export interface Readiness {
  /** Workloads in question with a proxy that runs. */
  readonly inMesh: readonly Workload[];
  /** Those that would begin to demand mTLS, on some port at least. */
  readonly affected: readonly Workload[];
  readonly changes: readonly Changed[];
  /** What speaks against it or leaves it open; `quiet` and `unseen` do neither. */
  readonly doubts: readonly Doubt[];
  /** Policies of single workloads or ports that would stay, and are not STRICT. */
  readonly kept: readonly PeerAuthentication[];
}

/** What metrics tell, and when it was asked (RFC 3339). */
export interface Seen {
  readonly observed: Observed;
  readonly takenAt: string;
}

/** Workloads without pods are judged by those that are to come: as callers, and by what was seen of them as servers. */
export function readinessOf(given: MeshView, seen: Seen, target: Target): Readiness {
  const view = withPodsToCome(given);
  const { namespace = view.controlPlane.revisions[0]?.rootNamespace ?? '' } = target;
  const strict = underStrict(view, namespace);
  const wanted = {
    servers: (one: Workload) => contains(target, one),
    clients: (one: Workload) => mayCall(target, one),
  };
  const running = new Set(given.workloads.filter((one) => countedPods(one).length > 0));
  const servers = view.workloads.filter(wanted.servers);
  const demands = new Map(servers.map((one) => [one, newDemands(one, view, strict)]));
  const bearing = servers.filter((one) => demands.get(one) !== 'none');
  const affected = bearing.filter((one) => running.has(one));
  const changes = changedConnections(view, wanted)(strict);
  const { observed } = seen;
  const doubts = [
    ...doubtsOfBlindness(given, target),
    ...doubtsOfChanges(changes, given.workloads, target.namespace),
    ...bearing.flatMap((one) => doubtsOfSenders(one, observed, changes, demands.get(one) === 'some')),
    ...doubtsOfStrangers({ before: view, after: strict }, observed, target),
    ...affected.flatMap((one) => doubtsOfCounting(one, seen, view.services)),
    ...doubtsOfSilence(affected, observed, view.services, target),
    ...doubtsOfWaysIn(view, affected, target),
  ];
  const kept = strict.peerAuthentications.filter((one) => one.namespace === namespace && !isStrict(one));
  return { inMesh: servers.filter((one) => running.has(one)), affected, changes, doubts, kept };
}

function doubtsOfBlindness(view: MeshView, target: Target): readonly Doubt[] {
  const blind = target.namespace === undefined ? [] : blindIstiods(view, target.namespace);
  const next = 'Give the namespace a label that discoverySelectors of the mesh configuration select.';
  return blind.map((name) => ({
    code: 'cannot-tell',
    subject: placeRef(target),
    to: `istiod ${name} does not look at it, by its discovery selectors`,
    next,
  }));
}

function isStrict({ mode, portModes }: PeerAuthentication): boolean {
  return mode === 'STRICT' && Object.values(portModes).every((one) => one === null || one === 'STRICT');
}

/** Whether it is known that nothing which works now would fail. */
export function isReady({ inMesh, doubts }: Readiness): boolean {
  return inMesh.length > 0 && !doubts.some(isAgainst);
}
