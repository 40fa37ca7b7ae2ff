import type { KubeObject } from '../model/sources.ts';
import { at, text } from './fields.ts';

/** What every Istio object has: where it is, how old it is, and which istiod alone reads it. */
export function identityOf(object: KubeObject): {
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: string;
  readonly revision?: string;
} {
  const revision = text(at(object, 'metadata', 'labels', 'istio.io/rev'));
  return {
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    createdAt: text(at(object, 'metadata', 'creationTimestamp')) ?? '',
    ...(revision !== undefined && { revision }),
  };
}
