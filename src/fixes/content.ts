import { createHash } from 'node:crypto';
import { canonical } from '../model/canonical.ts';
import type { KubeObject } from '../model/sources.ts';

/** The plan that an object was last written by. */
export const planAnnotation = 'meshbot.io/plan';
/** SHA-256 of the content that going back leads to: nothing else may be written in the name of an undo. */
export const undoAnnotation = 'meshbot.io/undo';

/** An object without what the API server keeps for itself. uid and resourceVersion stay: they are preconditions. */
export function bare({ status: _, metadata, ...rest }: KubeObject): KubeObject {
  const { managedFields, generation, selfLink, ...kept } = metadata as KubeObject['metadata'] & Record<string, unknown>;
  return { ...rest, metadata: kept } as KubeObject;
}

/** Whether two objects say the same, whatever the API server adds to each. `null`: there is none. */
export function isSame(a: KubeObject | null, b: KubeObject | null): boolean {
  return contentHash(a) === contentHash(b);
}

export function contentHash(object: KubeObject | null): string {
  return sha256(object === null ? null : contentOf(object));
}

/** SHA-256 in hex over JSON whose keys are sorted: of equal values, however they were made or stored. */
export function sha256(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** The version of a resource is the API server's choice; the group is not. Empty labels are no labels. */
function contentOf(object: KubeObject): unknown {
  const { apiVersion, metadata, ...rest } = bare(object);
  const { uid, resourceVersion, creationTimestamp, labels = {}, annotations = {}, ...kept } = metadata;
  return { ...rest, group: apiVersion.split('/').slice(0, -1).join(), metadata: { ...kept, labels, annotations } };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
