import type { Connection } from '../model/report.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import type { Workload } from '../model/workload.ts';
import { connections, type Wanted } from './connections.ts';
import { demandsOf } from './demand.ts';
import type { MeshView } from './mesh-view.ts';
import { isNamespaceWide } from './peer-authentication.ts';

/**
 * The mesh as it would be if a namespace demanded mTLS: one STRICT policy takes the place of those for the whole
 * namespace. Policies of single workloads and ports stay, as they would.
 */
export function underStrict(view: MeshView, namespace: string): MeshView {
  const isReplaced = (one: PeerAuthentication) => one.namespace === namespace && isNamespaceWide(one);
  const [old] = view.peerAuthentications.filter(isReplaced);
  const strict: PeerAuthentication = {
    kind: 'PeerAuthentication',
    namespace,
    name: old?.name ?? 'default',
    createdAt: old?.createdAt ?? '',
    selector: {},
    mode: 'STRICT',
    portModes: {},
  };
  return { ...view, peerAuthentications: [...view.peerAuthentications.filter((one) => !isReplaced(one)), strict] };
}

/** One connection now, and what would become of it. */
export interface Changed {
  readonly before: Connection;
  readonly after: Connection;
}

/** Compares the connections of a mesh with those of others, as it might be. */
export function changedConnections(before: MeshView, wanted: Wanted): (after: MeshView) => readonly Changed[] {
  const now = connections(before, wanted);
  return (after) => {
    const then = new Map(connections(after, wanted).map((one) => [keyOf(one), one]));
    return now.flatMap((one) => {
      const changed = then.get(keyOf(one));
      return changed === undefined ? [] : [{ before: one, after: changed }];
    });
  };
}

function keyOf({ client, server, service, port }: Connection): string {
  const names = [client, server].flatMap(({ kind, namespace, workload }) => [kind, namespace, workload]);
  return [...names, service, port].join('/');
}

/** `breaks`: it works now and would fail. `unclear`: it may. */
export function effectOn({ before, after }: Changed): 'none' | 'breaks' | 'unclear' {
  if (before.outcome === 'fails' || after.outcome === 'works') return 'none';
  if (after.outcome === 'fails') return before.outcome === 'works' ? 'breaks' : 'unclear';
  const isSame = before.outcome === 'unknown' && before.wire === after.wire && before.sent === after.sent;
  return isSame && (before.wire === 'mtls' || before.demanded === after.demanded) ? 'none' : 'unclear';
}

/** On which of its ports a workload would begin to demand mTLS: on all that take plaintext now, on some, or on none. */
export function newDemands(workload: Workload, before: MeshView, after: MeshView): 'all' | 'some' | 'none' {
  const modes = ({ peerAuthentications, controlPlane }: MeshView) =>
    new Map(demandsOf(workload, peerAuthentications, controlPlane).map(({ port, mode }) => [port, mode]));
  const [now, then] = [modes(before), modes(after)];
  const isNew = [...then].some(
    ([port, mode]) => mode === 'STRICT' && (now.get(port) ?? now.get(undefined)) !== 'STRICT',
  );
  if (!isNew) return 'none';
  return [...then.values()].every((mode) => mode === 'STRICT') ? 'all' : 'some';
}
