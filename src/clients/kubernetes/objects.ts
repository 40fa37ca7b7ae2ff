import { type KubeObject, SourceError } from '../../model/sources.ts';
import { type Action, inWords } from './refusal.ts';
import { isMap, textOf, valueAt } from './values.ts';

/** Whether it has what every object of the API has. What is below stays unknown. */
export function isObject(value: unknown): value is KubeObject {
  return (
    isMap(value) &&
    textOf(value.apiVersion) !== undefined &&
    textOf(value.kind) !== undefined &&
    textOf(valueAt(value, 'metadata', 'name')) !== undefined
  );
}

export function notAnObject(value: unknown, action: Action, server: string): SourceError {
  const kind =
    textOf(valueAt(value, 'kind')) ?? (value === null ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value);
  return new SourceError('invalid', `I wanted to ${inWords(action)}, and ${server} sent something else: ${kind}.`, {
    next: 'Check the address of the cluster, and what stands between it and me.',
  });
}
