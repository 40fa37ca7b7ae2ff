import { UsageError } from './sources.ts';

/** What was asked about: a cluster, and in it the whole mesh, a namespace, or one workload. */
export interface Target {
  readonly cluster: string;
  readonly namespace?: string;
  readonly workload?: string;
  /** Namespaces of callers to look at besides the target's own. */
  readonly from?: readonly string[];
  /** The question is what would become of calls if the namespace demanded mTLS. */
  readonly strictReady?: true;
}

export function contains(target: Target, object: { readonly namespace: string; readonly name: string }): boolean {
  return (
    (target.namespace === undefined || target.namespace === object.namespace) &&
    (target.workload === undefined || target.workload === object.name)
  );
}

/** The namespaces a question is about; `undefined` where it is about all of them. */
export function scopeOf({ namespace, from = [] }: Target): readonly string[] | undefined {
  return namespace === undefined ? undefined : [...new Set([namespace, ...from])];
}

/**
 * Whether a workload counts as a caller: it is in the target's namespace, or in one named with `from`, or was seen
 * calling.
 */
export function mayCall(
  target: Target,
  { namespace, seenCalling }: { readonly namespace: string; readonly seenCalling?: true },
): boolean {
  return seenCalling === true || (scopeOf(target)?.includes(namespace) ?? true);
}

/** The target in words, to stand in a sentence: `bookinfo`, `bookinfo/reviews-v1`, `the cluster`. */
export function placeOf({ namespace, workload }: Target): string {
  if (namespace === undefined) return 'the cluster';
  return workload === undefined ? namespace : `${namespace}/${workload}`;
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Workloads may have dots in their names. */
const subdomain = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Reads `bookinfo` or `bookinfo/reviews-v1`.
 *
 * @throws UsageError where a part cannot be a name in Kubernetes.
 */
export function parseTarget(typed: string): { readonly namespace: string; readonly workload?: string } {
  const [namespace = '', workload, ...rest] = typed.split('/');
  if (rest.length > 0)
    throw new UsageError(`"${typed}" has too many slashes: a target is NAMESPACE or NAMESPACE/WORKLOAD.`);
  if (!label.test(namespace)) throw notAName('namespace', namespace, 63);
  if (workload === undefined) return { namespace };
  if (!subdomain.test(workload)) throw notAName('workload', workload, 253);
  return { namespace, workload };
}

function notAName(what: string, typed: string, longest: number): UsageError {
  const shown = typed.length > 60 ? `${typed.slice(0, 60)}…` : typed;
  return new UsageError(
    `"${shown}" cannot be the name of a ${what}: use up to ${longest} lower-case letters, digits and dashes, beginning and ending with a letter or digit.`,
  );
}
