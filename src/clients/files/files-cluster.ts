import path from 'node:path';
import type { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { type Cluster, type KubeObject, type ResourceType, UsageError } from '../../model/sources.ts';
import { documentsOf } from './documents.ts';
import { inKnownVersion, type Manifest, manifestsOf } from './manifest.ts';
import { type Limits, readFiles, type TextFile } from './read-files.ts';
import { parseSelector } from './selector.ts';

export interface FilesOptions {
  /** Read for the path `-`. */
  readonly stdin?: Readable;
  readonly limits?: Limits;
}

/**
 * Manifests in files, directories or standard input (`-`) as a cluster that holds just them. What has no namespace
 * but needs one is in `default`, as with `kubectl apply`. The contents of Secrets are dropped.
 *
 * @throws UsageError for what cannot be read, with file and place.
 */
export async function filesCluster(
  paths: readonly string[],
  { stdin = process.stdin, limits }: FilesOptions = {},
): Promise<Cluster> {
  if (paths.length === 0) throw new UsageError('Name at least one file or directory with --files.');
  const files = await readFiles(paths, stdin, limits);
  return { ...filesFrom(files), name: nameFor(paths), source: sourceFor(paths, files.length) };
}

/** The same of texts that were read already. */
export function filesFrom(files: readonly TextFile[]): Cluster {
  const byKind = Map.groupBy(load(files), ({ object }) => `${groupOf(object)}/${object.kind}`);
  const names = shortList(files.map(({ file }) => file));
  if (byKind.size === 0)
    throw new UsageError(`${names}: there are no Kubernetes objects in it. Name the files that hold them.`);
  return {
    name: 'files',
    source: names,
    kind: 'files',
    async list(resource, { namespace, labelSelector, signal }, project) {
      signal?.throwIfAborted();
      const matches = parseSelector(labelSelector);
      return objectsOf(byKind, resource)
        .filter(({ metadata }) => !resource.namespaced || namespace === undefined || metadata.namespace === namespace)
        .filter(({ metadata }) => matches(metadata.labels))
        .flatMap((object) => project(object) ?? []);
    },
    async get(resource, name, { namespace = 'default', signal }) {
      signal?.throwIfAborted();
      return objectsOf(byKind, resource).find(
        ({ metadata }) => metadata.name === name && (!resource.namespaced || metadata.namespace === namespace),
      );
    },
  };
}

/** @throws UsageError where two objects of one name differ. */
function load(files: readonly TextFile[]): readonly Manifest[] {
  const byName = new Map<string, Manifest>();
  for (const file of files) {
    for (const document of documentsOf(file)) {
      for (const manifest of manifestsOf(document)) add(byName, manifest);
    }
  }
  return [...byName.values()];
}

function add(byName: Map<string, Manifest>, manifest: Manifest): void {
  const { object, place } = manifest;
  const { namespace = 'default', name } = object.metadata;
  const key = [groupOf(object), object.kind, namespace, name].join('/');
  const before = byName.get(key);
  if (before === undefined) byName.set(key, manifest);
  else if (!isDeepStrictEqual(before.object, object)) {
    const what = `${object.kind} ${object.metadata.namespace === undefined ? name : `${namespace}/${name}`}`;
    throw new UsageError(
      `${what} is described twice, and not alike: ${before.place}, and ${place}. Remove one of them.`,
    );
  }
}

function groupOf({ apiVersion }: KubeObject): string {
  return apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '';
}

/** @throws SourceError for a version that we do not understand. */
function objectsOf(byKind: ReadonlyMap<string, readonly Manifest[]>, resource: ResourceType): readonly KubeObject[] {
  const manifests = byKind.get(`${resource.group}/${resource.kind}`) ?? [];
  return manifests.map((manifest) => inKnownVersion(manifest, resource));
}

function nameFor(paths: readonly string[]): string {
  const [first = '', ...more] = paths;
  if (more.length > 0) return 'files';
  return first === '-' ? 'stdin' : path.basename(path.resolve(first)).replace(/\.(ya?ml|json)$/i, '') || 'files';
}

function sourceFor(paths: readonly string[], files: number): string {
  const names = paths.map((one) => (one === '-' ? 'standard input' : one));
  return files === names.length ? shortList(names) : `${shortList(names)} (${files} files)`;
}

function shortList(names: readonly string[]): string {
  return `${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''}`;
}
