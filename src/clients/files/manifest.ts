import path from 'node:path';
import { type KubeObject, type ResourceType, SourceError, UsageError } from '../../model/sources.ts';
import { isMap, listOf, type PlainMap, textOf } from '../kubernetes/values.ts';
import type { FileDocument } from './documents.ts';

/** An object, and where it stands. */
export interface Manifest {
  readonly object: KubeObject;
  readonly place: string;
}

/**
 * The objects of a document: one, or those of a list.
 *
 * @throws UsageError that names the place and what is missing or wrong.
 */
export function* manifestsOf(document: FileDocument): Generator<Manifest> {
  const { value, place } = document;
  refuseKustomization(document);
  if (!isMap(value)) throw complaint(document, `is ${nameOf(value)}, not an object`);
  const kind = textOf(value.kind);
  if (kind?.endsWith('List') && 'items' in value) {
    for (const [index, item] of listOf(value.items).entries()) {
      const inside = { ...document, value: typed(item, value, kind), place: `${place}, item ${index + 1}` };
      yield* manifestsOf(inside);
    }
    return;
  }
  const problem = problemOf(value);
  if (problem !== undefined) throw complaint(document, problem);
  yield { object: withoutSecrets(value as KubeObject), place };
}

/** Items of a `PodList` need not say that they are Pods. */
function typed(item: unknown, list: PlainMap, listKind: string): unknown {
  if (!isMap(item) || listKind === 'List') return item;
  return { apiVersion: list.apiVersion, kind: listKind.slice(0, -'List'.length), ...item };
}

/**
 * The object as the API server would hand it out: in a namespace where it needs one.
 *
 * @throws SourceError for a version that we do not understand.
 */
export function inKnownVersion({ object, place }: Manifest, { kind, versions, namespaced }: ResourceType): KubeObject {
  const { apiVersion, metadata } = object;
  if (!versions.includes(apiVersion.split('/').at(-1) ?? '')) {
    throw new SourceError(
      'invalid',
      `${place}: ${kind} ${metadata.name} has apiVersion ${apiVersion}, and I understand ${versions.join(', ')}.`,
      { next: 'Write it in a version that I understand, or use a newer meshbot.' },
    );
  }
  if (!namespaced || metadata.namespace !== undefined) return object;
  return { ...object, metadata: { ...metadata, namespace: 'default' } };
}

function problemOf(value: PlainMap): string | undefined {
  const { metadata } = value;
  for (const field of ['apiVersion', 'kind']) {
    if (textOf(value[field]) === undefined) return lacks(field, value[field]);
  }
  if (!isMap(metadata)) return lacks('metadata', metadata, 'a map');
  if (textOf(metadata.name) === undefined) return lacks('metadata.name', metadata.name);
  if (metadata.namespace !== undefined && textOf(metadata.namespace) === undefined) {
    return lacks('metadata.namespace', metadata.namespace);
  }
  return (
    textMapProblem('metadata.labels', metadata.labels) ?? textMapProblem('metadata.annotations', metadata.annotations)
  );
}

function textMapProblem(field: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isMap(value)) return lacks(field, value, 'a map');
  const wrong = Object.entries(value).find(([, one]) => typeof one !== 'string');
  return wrong && lacks(`${field}["${wrong[0]}"]`, wrong[1]);
}

function lacks(field: string, value: unknown, wanted = 'text'): string {
  if (value === undefined || value === null || value === '') return `has no ${field}`;
  const quote = wanted === 'text' && ['number', 'boolean'].includes(typeof value) ? `: quote it ("${value}")` : '';
  return `has ${nameOf(value)} in ${field} where ${wanted} belongs${quote}`;
}

function nameOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return (
    { object: 'a map', number: 'a number', boolean: 'true or false', string: 'text' }[typeof value as string] ??
    typeof value
  );
}

function complaint({ place, hint }: FileDocument, problem: string): UsageError {
  return new UsageError(
    `${place} ${problem}. ${hint || 'Every Kubernetes object needs apiVersion, kind and metadata.name.'}`,
  );
}

function refuseKustomization({ value, place }: FileDocument): void {
  const file = place.split(', document')[0] ?? place;
  const group = isMap(value) ? (textOf(value.apiVersion) ?? '') : '';
  if (!group.startsWith('kustomize.config.k8s.io/') && !/^kustomization\.ya?ml$/.test(path.basename(file))) return;
  throw new UsageError(
    `${file} describes a kustomization, which I do not build: its patches would be read as objects. Build it first: kubectl kustomize ${path.dirname(file)} | meshbot … --files -`,
  );
}

/** That a Secret exists may matter; what is in it never leaves the parser. */
function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { name, namespace } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
  };
}
