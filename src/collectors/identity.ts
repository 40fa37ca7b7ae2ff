import type { KubeObject } from '../model/sources.ts';
import { at, child, items, text } from './fields.ts';

/** What every Istio object has: where it is, how old it is, and which istiod alone reads it. */
export function identityOf(object: KubeObject): {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly changedAt?: string;
  readonly revision?: string;
} {
  const createdAt = text(at(object, 'metadata', 'creationTimestamp')) ?? '';
  const changedAt = changeOf(object);
  const revision = text(at(object, 'metadata', 'labels', 'istio.io/rev'));
  return {
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    createdAt,
    ...(changedAt !== undefined && changedAt > createdAt && { changedAt }),
    ...(revision !== undefined && { revision }),
  };
}

/** When somebody last wrote it, other than its status. */
function changeOf(object: KubeObject): string | undefined {
  return items(at(object, 'metadata', 'managedFields'))
    .filter((field) => (text(child(field, 'subresource')) ?? '') === '')
    .flatMap((field) => text(child(field, 'time')) ?? [])
    .toSorted()
    .at(-1);
}
