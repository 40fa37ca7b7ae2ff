import type { ControlPlane, InjectionWebhook, Namespace, Revision } from '../model/control-plane.ts';
import type { Labels } from '../model/workload.ts';
import { matches } from './label-selector.ts';

/** What would happen to a pod that is made now. */
export type Injection =
  | { readonly intent: 'sidecar'; readonly revision: string }
  | { readonly intent: 'ambient' }
  /** The namespace is meant to be in the mesh, but this pod is not. */
  | { readonly intent: 'opted-out'; readonly why: string }
  | { readonly intent: 'none' };

interface Injectable {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly hostNetwork: boolean;
}

/**
 * Whether the mesh would take in a pod with these labels, and by which revision.
 *
 * @see istio pkg/kube/inject/inject.go: injectRequired
 */
export function injectionOf(
  pod: Injectable,
  namespace: Namespace | undefined,
  { webhooks, revisions }: ControlPlane,
): Injection {
  const labels = labelsOf(namespace);
  const hook = hooksOf(webhooks, revisions).find(
    (one) => matches(one.namespaceSelector, labels) && matches(one.objectSelector, pod.labels),
  );
  const refused = refusalOf(pod);
  if (hook !== undefined && refused === undefined) return { intent: 'sidecar', revision: hook.revision };
  if (isAmbient(pod.labels, labels)) return { intent: 'ambient' };
  if (refused === undefined) return { intent: 'none' };
  const meant = hooksOf(webhooks, revisions).some((one) => matches(one.namespaceSelector, labels));
  return meant ? { intent: 'opted-out', why: refused } : { intent: 'none' };
}

function refusalOf({ labels, annotations, hostNetwork }: Injectable): string | undefined {
  if (hostNetwork) return 'it uses the network of its node';
  const key = 'sidecar.istio.io/inject';
  if (labels[key] !== undefined) return labels[key] === 'false' ? `label ${key}=false` : undefined;
  return annotations[key] === 'false' ? `annotation ${key}: "false"` : undefined;
}

function isAmbient(pod: Labels, namespace: Labels): boolean {
  return (pod['istio.io/dataplane-mode'] ?? namespace['istio.io/dataplane-mode']) === 'ambient';
}

/** Every namespace carries its name as a label; files may leave it out. */
function labelsOf(namespace: Namespace | undefined): Labels {
  return namespace === undefined ? {} : { 'kubernetes.io/metadata.name': namespace.name, ...namespace.labels };
}

/** Files seldom hold webhooks: then the ones that an installation of these revisions would have are assumed. */
function hooksOf(webhooks: readonly InjectionWebhook[], revisions: readonly Revision[]): readonly InjectionWebhook[] {
  return webhooks.length > 0 ? webhooks : revisions.flatMap(({ name }) => assumedHooks(name));
}

/** @see istio manifests/charts/istio-control/istio-discovery/templates/mutatingwebhook.yaml */
function assumedHooks(revision: string): readonly InjectionWebhook[] {
  const notRefused = { key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] } as const;
  const unlabelled = { key: 'istio-injection', operator: 'DoesNotExist' } as const;
  const hook = (namespaceSelector: InjectionWebhook['namespaceSelector']): InjectionWebhook => ({
    configuration: 'assumed',
    revision,
    namespaceSelector,
    objectSelector: { matchExpressions: [notRefused] },
  });
  const byRevision = hook({ matchLabels: { 'istio.io/rev': revision }, matchExpressions: [unlabelled] });
  return revision === 'default' ? [hook({ matchLabels: { 'istio-injection': 'enabled' } }), byRevision] : [byRevision];
}

/** The istiod that a pod obeys: the one that injected it, else the one that would, else the only one there is. */
export function revisionOf(name: string | undefined, { revisions, webhooks }: ControlPlane): Revision | undefined {
  const behind = webhooks.find(({ tag }) => tag === name)?.revision ?? name;
  return revisions.find((revision) => revision.name === behind) ?? (revisions.length === 1 ? revisions[0] : undefined);
}
