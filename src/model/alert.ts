import type { Target } from './target.ts';

/** What an alert is about, as far as its message says. */
export type AlertPlace = Required<Pick<Target, 'namespace'>> & Pick<Target, 'workload'>;

/** Labels that name a namespace, and such that name a workload, best first. */
const namespaceLabels = ['destination_workload_namespace', 'exported_namespace', 'namespace', 'kubernetes_namespace'];
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
 * Reads the labels of Alertmanager from a message in Slack: written out as `namespace: bookinfo`, `namespace="bookinfo"`
 * or `*namespace:* \`bookinfo\``, or, as in Alertmanager's own template, as bare values, which are then known by what
 * `namespaces` exist. Nothing where no namespace, or more than one, is meant.
 */
export function placeOfAlert(text: string, namespaces: readonly string[]): AlertPlace | undefined {
  const labels = labelsOf(text);
  const namespace = firstOf(labels, namespaceLabels) ?? onlyKnown(text, namespaces);
  if (namespace === undefined) return undefined;
  const workload = workloadOf(labels);
  return { namespace, ...(workload !== undefined && { workload }) };
}

function labelsOf(text: string): ReadonlyMap<string, ReadonlySet<string>> {
  const labels = new Map<string, Set<string>>();
  const pattern = /(?<![\w-])([a-z_]+)[*_`]*\s*[:=]\s*[*_]*\s*["'`]?([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)/gi;
  for (const [, name = '', value = ''] of text.matchAll(pattern)) {
    const key = name.toLowerCase();
    labels.set(key, (labels.get(key) ?? new Set()).add(value));
  }
  return labels;
}

/** The value of the first label that is there and says one thing. */
function firstOf(labels: ReadonlyMap<string, ReadonlySet<string>>, names: readonly string[]): string | undefined {
  for (const name of names) {
    const [value, ...more] = labels.get(name) ?? [];
    if (value !== undefined) return more.length === 0 ? value : undefined;
  }
  return undefined;
}

function workloadOf(labels: ReadonlyMap<string, ReadonlySet<string>>): string | undefined {
  const name = workloadLabels.find((one) => labels.has(one));
  if (name === undefined) return undefined;
  const value = firstOf(labels, [name]);
  return name.endsWith('pod') ? value?.replace(/-[a-z0-9]{6,10}-[a-z0-9]{5}$/, '').replace(/-\d+$/, '') : value;
}

function onlyKnown(text: string, namespaces: readonly string[]): string | undefined {
  const words = new Set(text.split(/[^-a-z0-9]+/i));
  const [namespace, ...more] = namespaces.filter((one) => words.has(one));
  return more.length === 0 ? namespace : undefined;
}
