import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Cluster, type KubeObject, type ResourceType, SourceError, UsageError } from '../../model/sources.ts';
import { textOf } from '../kubernetes/values.ts';
import { documentsOf } from './documents.ts';
import { inKnownVersion, type Manifest, manifestsOf } from './manifest.ts';
import {
  type Gathered,
  gatheredIn,
  gatheredNamespaces,
  gatherRoots,
  namespaceFiles,
  wasInspected,
} from './must-gather-layout.ts';
import { readFiles } from './read-files.ts';
import { parseSelector } from './selector.ts';

interface MustGather {
  readonly directory: string;
  readonly roots: readonly string[];
  readonly namespaces: ReadonlyMap<string, readonly string[]>;
}

export async function isMustGather(directory: string): Promise<boolean> {
  return (await gatherRoots(directory)).length > 0;
}

/**
 * An unpacked must-gather of OpenShift, or what `oc adm inspect` wrote. What was not gathered is `not-in-source`, never
 * an empty answer. Secrets are never read.
 *
 * @throws UsageError where the directory holds none.
 */
export async function mustGatherCluster(directory: string): Promise<Cluster> {
  const roots = await gatherRoots(directory);
  if (roots.length === 0) {
    throw new UsageError(
      `${directory} holds no must-gather: no cluster-scoped-resources or namespaces in it. Name the unpacked directory.`,
    );
  }
  const gather = { directory, roots, namespaces: await gatheredNamespaces(roots) };
  return {
    name: path.basename(path.resolve(directory)),
    source: await sourceFor(gather),
    kind: 'must-gather',
    async list(resource, { namespace, labelSelector, signal }, project) {
      const matches = parseSelector(labelSelector);
      const objects = await objectsIn(gather, resource, namespace, signal);
      return objects.filter(({ metadata }) => matches(metadata.labels)).flatMap((object) => project(object) ?? []);
    },
    async get(resource, name, { namespace = 'default', signal }) {
      const objects = await objectsIn(gather, resource, namespace, signal);
      return objects.find(({ metadata }) => metadata.name === name);
    },
  };
}

async function objectsIn(
  gather: MustGather,
  resource: ResourceType,
  namespace: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly KubeObject[]> {
  if (resource.group === '' && resource.kind === 'Secret') {
    throw new SourceError('not-in-source', 'I never read Secrets of a must-gather.');
  }
  const files = resource.namespaced
    ? await namespacedFiles(gather, resource, namespace)
    : await clusterFiles(gather, resource);
  const newest = new Map<string, KubeObject>();
  for (const file of files) {
    signal?.throwIfAborted();
    for (const manifest of await readManifests(file)) {
      const { object } = manifest;
      if (object.kind !== resource.kind) continue;
      const key = `${object.metadata.namespace}/${object.metadata.name}`;
      const before = newest.get(key);
      // Several images gather the same objects a few minutes apart.
      if (before === undefined || versionOf(object) > versionOf(before))
        newest.set(key, inKnownVersion(manifest, resource));
    }
  }
  return [...newest.values()];
}

function versionOf({ metadata }: KubeObject): number {
  return Number(metadata.resourceVersion ?? 0) || 0;
}

async function clusterFiles(
  { directory, roots, namespaces }: MustGather,
  resource: ResourceType,
): Promise<readonly string[]> {
  const folders = roots.map((root) => path.join(root, 'cluster-scoped-resources'));
  const gathered = await gatheredIn(folders, resource);
  const described = resource.group === '' && resource.plural === 'namespaces' ? await namespaceFiles(namespaces) : [];
  if (gathered === undefined && described.length === 0) throw kindMissing(resource, directory);
  return [...(gathered?.lists ?? []), ...(gathered?.objects ?? []), ...described];
}

async function namespacedFiles(
  gather: MustGather,
  resource: ResourceType,
  namespace: string | undefined,
): Promise<readonly string[]> {
  const { directory, namespaces } = gather;
  const gathered = new Map<string, Gathered>();
  for (const [name, folders] of namespaces) {
    const found = await gatheredIn(folders, resource);
    if (found !== undefined) gathered.set(name, found);
  }
  if (gathered.size === 0) throw kindMissing(resource, directory);
  const wanted =
    namespace === undefined
      ? [...gathered.values()]
      : [gathered.get(namespace) ?? (await none(gather, resource, namespace, gathered))];
  return wanted.flatMap(({ lists, objects }) => [...lists, ...objects]);
}

/** No trace in this namespace: none are there, or nobody looked. */
async function none(
  { directory, namespaces }: MustGather,
  resource: ResourceType,
  namespace: string,
  elsewhere: ReadonlyMap<string, Gathered>,
): Promise<Gathered> {
  const folders = namespaces.get(namespace);
  const add = `oc adm inspect ns/${namespace} --dest-dir=${directory}`;
  if (folders === undefined) {
    throw new SourceError('not-in-source', `Namespace ${namespace} is not in the must-gather ${directory}.`, {
      next: `Add it: ${add}`,
    });
  }
  const asLists = [...elsewhere.values()].some(({ lists }) => lists.length > 0);
  const builtIn = !resource.group.includes('.') || resource.group.endsWith('.k8s.io');
  if (!asLists && (!builtIn || (await wasInspected(folders)))) return { lists: [], objects: [] };
  throw new SourceError(
    'not-in-source',
    `The must-gather ${directory} has no ${resource.plural} of namespace ${namespace}.`,
    {
      next: `Add them: ${add}`,
    },
  );
}

function kindMissing({ plural, group, kind, namespaced }: ResourceType, directory: string): SourceError {
  const name = group === '' ? plural : `${plural}.${group}`;
  const inspect = `oc adm inspect ${name}${namespaced ? ' -A' : ''} --dest-dir=${directory}`;
  const mesh = /(^|\.)(istio|maistra)\.io$/.test(group)
    ? ' The default must-gather leaves the mesh out; that of OpenShift Service Mesh (--image) has it.'
    : '';
  return new SourceError('not-in-source', `The must-gather ${directory} has no ${kind}s (${name}).`, {
    next: `Add them: ${inspect}.${mesh}`,
  });
}

async function readManifests(file: string): Promise<readonly Manifest[]> {
  const limits = { fileBytes: 256 << 20, totalBytes: 256 << 20, files: 1 };
  try {
    const files = await readFiles([file], process.stdin, limits);
    return files.flatMap((one) => [...documentsOf(one)]).flatMap((document) => [...manifestsOf(document)]);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // One damaged file hides only its own kind.
    throw new SourceError('invalid', error.message, {
      next: 'The must-gather may be cut off: gather or unpack it again.',
      cause: error,
    });
  }
}

async function sourceFor({ directory, roots, namespaces }: MustGather): Promise<string> {
  const when = await gatheredAt([directory, ...roots]);
  const count = namespaces.size === 1 ? '1 namespace' : `${namespaces.size} namespaces`;
  return `must-gather ${directory} (${count}${when === undefined ? '' : `, gathered ${when}`})`;
}

/** `oc` notes when it began, in its own clock and zone. */
async function gatheredAt(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const text = await readFile(path.join(folder, 'timestamp'), 'utf8').catch(() => '');
    const [, time, zone = ''] = /^(\d{4}-\d\d-\d\d \d\d:\d\d)\S*( [+-]\d{4})?/.exec(text) ?? [];
    if (textOf(time) !== undefined) return `${time}${zone}`;
  }
  return undefined;
}
