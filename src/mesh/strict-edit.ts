import { describeRef } from '../model/finding.ts';
import type { Refusal } from '../model/fix.ts';
import { listed } from '../model/statement.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import { byAge } from './age.ts';
import { blindIstiods } from './discovery.ts';
import type { MeshView } from './mesh-view.ts';
import { isNamespaceWide } from './peer-authentication.ts';

/** Where a namespace's mode is set: in the policy that decides it. A new one beside it would count for nothing. */
export interface StrictEdit {
  /** Absent: there is none for the whole namespace, and `name` is free. */
  readonly policy?: PeerAuthentication;
  readonly name: string;
  /** Younger ones for the whole namespace, which count for nothing. */
  readonly rivals: readonly PeerAuthentication[];
}

export function strictEdit(view: MeshView, namespace: string): StrictEdit | Refusal {
  const { controlPlane, peerAuthentications } = view;
  const { revisions } = controlPlane;
  if (revisions.some(({ rootNamespace }) => rootNamespace === namespace)) {
    return {
      refused: `${namespace} is the root namespace: a PeerAuthentication there is for the whole mesh, not for it alone.`,
      next: 'Go STRICT namespace by namespace, and mesh-wide by hand when all of them are.',
    };
  }
  const blind = blindIstiods(view, namespace);
  if (blind.length > 0) {
    return {
      refused: `istiod ${listed(blind)} does not look at ${namespace}: its discovery selectors leave it out, so no policy there counts.`,
      next: 'Give the namespace a label that discoverySelectors of the mesh configuration select.',
    };
  }
  const own = peerAuthentications.filter((one) => one.namespace === namespace).toSorted(byAge);
  const [policy, ...rivals] = own.filter(isNamespaceWide);
  const special = own.find(({ revision }) => revision !== undefined && !isOnly(revision, controlPlane));
  if (special !== undefined) {
    return {
      refused: `${describeRef(special)} is for istiod ${special.revision} alone, so which policy decides differs from proxy to proxy.`,
      next: `Remove its label istio.io/rev, or change the policies of ${namespace} by hand.`,
    };
  }
  if (policy !== undefined) return { policy, name: policy.name, rivals };
  const taken = own.find(({ name }) => name === 'default');
  if (taken === undefined) return { name: 'default', rivals: [] };
  return {
    refused: `${describeRef(taken)} has a selector, and it has the name that a policy for the whole namespace would get.`,
    next: 'Give that policy another name, and ask again.',
  };
}

function isOnly(revision: string, { revisions }: MeshView['controlPlane']): boolean {
  return revisions.every(({ name }) => name === revision);
}
