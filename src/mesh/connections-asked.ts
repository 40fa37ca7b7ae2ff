import type { Connection } from '../model/report.ts';
import { contains, mayCall, type Target } from '../model/target.ts';
import { connections } from './connections.ts';
import type { MeshView } from './mesh-view.ts';
import { kept, oncePerPair } from './once.ts';

const worked = oncePerPair(
  (_workloads: MeshView['workloads'], _target: Target) => new Map<'all', readonly Connection[]>(),
);

/** The connections that a question is about, worked out once for each snapshot: several checks and the table read them. */
export function connectionsAsked(view: MeshView, target: Target): readonly Connection[] {
  const wanted = {
    servers: (one: { namespace: string; name: string }) => contains(target, one),
    clients: (one: { namespace: string; seenCalling?: true }) => mayCall(target, one),
  };
  return kept(worked(view.workloads, target), 'all', () => connections(view, wanted));
}
