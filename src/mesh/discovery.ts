import type { Namespace, Namespaces, Revision } from '../model/control-plane.ts';
import { revisionOf } from './injection.ts';
import { matches } from './label-selector.ts';
import type { MeshView } from './mesh-view.ts';

/** Namespaces that an istiod does not look at, by its discovery selectors. */
export function hiddenFrom({ discoverySelectors }: Revision, { items }: Namespaces): ReadonlySet<string> {
  // Every namespace carries its name as a label; files may leave it out.
  const labelsOf = ({ name, labels }: Namespace) => ({ 'kubernetes.io/metadata.name': name, ...labels });
  const isHidden = (one: Namespace) => !discoverySelectors.some((selector) => matches(selector, labelsOf(one)));
  return new Set(discoverySelectors.length === 0 ? [] : items.filter(isHidden).map(({ name }) => name));
}

/**
 * Istiods that proxies of a namespace obey and that do not look at it: for them its policies are not there. Where it is
 * not known whom the proxies obey, all istiods, if none looks at it.
 */
export function blindIstiods(view: MeshView, namespace: string): readonly string[] {
  const { controlPlane, namespaces, workloads } = view;
  const pods = workloads.filter((one) => one.namespace === namespace).flatMap((one) => one.pods);
  const proxied = pods.filter(({ dataPlane: { mode } }) => mode === 'sidecar' || mode === 'ambient');
  const obeyed = new Set(proxied.flatMap(({ revision }) => revisionOf(revision, controlPlane) ?? []));
  const isBlind = (one: Revision) => hiddenFrom(one, namespaces).has(namespace);
  const blind = [...(obeyed.size > 0 ? obeyed : controlPlane.revisions)].filter(isBlind);
  const isAmongOthers = obeyed.size === 0 && blind.length < controlPlane.revisions.length;
  return isAmongOthers ? [] : blind.map(({ name }) => name);
}
