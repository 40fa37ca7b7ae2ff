import type { Target } from './target.ts';

/** What an alert is about, as far as its message says. */
export type AlertPlace = Required<Pick<Target, 'namespace'>> & Pick<Target, 'workload'>;

/** By name, in small letters. */
type Labels = ReadonlyMap<string, ReadonlySet<string>>;

/** Labels that name a cluster, a namespace, and a workload, best first. */
const clusterLabels = ['cluster', 'cluster_name', 'k8s_cluster', 'kubernetes_cluster'];
const namespaceLabels = [
  'destination_workload_namespace',
  'destination_service_namespace',
  'exported_namespace',
  'namespace',
  'kubernetes_namespace',
];
const workloadLabels = [
  'destination_workload',
  'workload',
  'deployment',
  'statefulset',
  'daemonset',
  'exported_pod',
  'pod',
];

/**
 * Reads the labels of Alertmanager from a message in Slack: written out as `namespace: bookinfo`,
 * `namespace="bookinfo"`, `"namespace":"bookinfo"` or `*namespace:* \`bookinfo\``, or, as in Alertmanager's own
 * template, as bare values, which are then known by what `namespaces` exist. Where these are known, no other is meant:
 * `namespace: the` is no label. Nothing where no namespace, or more than one, is meant.
 */
export function placeOfAlert(text: string, namespaces: readonly string[]): AlertPlace | undefined {
  const labels = labelsOf(text);
  const [named, ...more] = valuesOf(labels, namespaceLabels);
  const namespace = named === undefined ? onlyKnown(text, namespaces) : named;
  if (namespace === undefined || more.length > 0) return undefined;
  if (namespaces.length > 0 && !namespaces.includes(namespace)) return undefined;
  const workload = workloadOf(labels);
  return { namespace, ...(workload !== undefined && { workload }) };
}

/**
 * The clusters that an alert's labels name. A bare word never names one: it only makes doubtful that another is meant,
 * and is given with those where it is one of `clusters`.
 */
export function clustersOfAlert(
  text: string,
  clusters: readonly string[],
): { readonly labelled: readonly string[]; readonly mentioned: readonly string[] } {
  const words = new Set(text.split(/[^-.\w]+/));
  return {
    labelled: valuesOf(labelsOf(text), clusterLabels),
    mentioned: clusters.filter((name) => words.has(name)),
  };
}

function labelsOf(text: string): Labels {
  const labels = new Map<string, Set<string>>();
  const pattern =
    /(?<![\w-])([a-z_][a-z0-9_]*)[*_`"'\\]*\s*[:=]\s*[*_]*\s*[\\"'`]{0,2}([a-z0-9](?:[-a-z0-9._]*[a-z0-9])?)/gi;
  for (const [, name = '', value = ''] of withoutLinks(text).matchAll(pattern)) {
    const key = name.toLowerCase();
    labels.set(key, (labels.get(key) ?? new Set()).add(value));
  }
  return labels;
}

/** Of a link, what it shows. */
function withoutLinks(text: string): string {
  return text.replaceAll(/<[^<>|]*\|([^<>]*)>/g, '$1');
}

/** The values of the first label that is there. */
function valuesOf(labels: Labels, names: readonly string[]): readonly string[] {
  const name = names.find((one) => labels.has(one));
  return name === undefined ? [] : [...(labels.get(name) ?? [])];
}

function workloadOf(labels: Labels): string | undefined {
  const [value, ...more] = valuesOf(labels, workloadLabels);
  if (more.length > 0) return undefined;
  const isPod = workloadLabels.find((one) => labels.has(one))?.endsWith('pod');
  return isPod ? value?.replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}$/, '').replace(/-\d+$/, '') : value;
}

function onlyKnown(text: string, namespaces: readonly string[]): string | undefined {
  const words = new Set(text.split(/[^-a-z0-9]+/i));
  const [namespace, ...more] = namespaces.filter((one) => words.has(one));
  return more.length === 0 ? namespace : undefined;
}
