import type { Part } from '../model/monitoring.ts';
import { type KubeObject, type ResourceType, SourceError } from '../model/sources.ts';
import type { Collection } from './collector.ts';

/** One fact; what a source cannot answer is missing alone. What the cluster has no resource for is not there. */
export async function partOf<T>(look: () => Promise<T | undefined>): Promise<Part<T>> {
  try {
    const value = await look();
    return value === undefined ? { status: 'absent' } : { status: 'seen', value };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    if (error.reason === 'not-installed') return { status: 'absent' };
    const { reason, message: detail, next } = error;
    return { status: 'missing', reason, detail, ...(next !== undefined && { next }) };
  }
}

/** Where an object is found by name. */
export interface Place {
  readonly resource: ResourceType;
  readonly name: string;
  readonly namespace?: string;
  /** Every OpenShift has it: files without it say nothing about the cluster. */
  readonly isCertain?: true;
}

export function objectPart<T>(
  { sources: { cluster }, signal }: Collection,
  { resource, name, namespace, isCertain }: Place,
  project: (object: KubeObject) => T,
): Promise<Part<T>> {
  return partOf(async () => {
    const object = await cluster.get(resource, name, { signal, ...(namespace !== undefined && { namespace }) });
    if (object !== undefined) return project(object);
    if (isCertain !== true || cluster.kind === 'live') return undefined;
    throw new SourceError('not-in-source', `${resource.kind} ${name} is not in ${cluster.source}.`, {
      next: `Add it: kubectl get ${resource.plural}.${resource.group} ${name} -o yaml.`,
    });
  });
}
