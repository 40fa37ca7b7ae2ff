import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { type ResourceType, UsageError } from '../../model/sources.ts';

/** The files of one resource in one namespace. `list`: one file holds them all, so an absent one says nothing. */
export interface Gathered {
  readonly lists: readonly string[];
  readonly objects: readonly string[];
}

/** `oc adm must-gather` makes a folder an image below its own, each laid out as `oc adm inspect` does. */
const maxDepth = 3;

/** The folders laid out by `oc adm inspect`, at or below this one. */
export async function gatherRoots(directory: string, depth = 0): Promise<readonly string[]> {
  const folders = await foldersIn(directory);
  if (await isRoot(directory, folders)) return [directory];
  if (depth === maxDepth) return [];
  const below = await Promise.all(folders.map((name) => gatherRoots(path.join(directory, name), depth + 1)));
  return below.flat();
}

/** Others have a folder `namespaces` too: what is in it must look gathered. */
async function isRoot(directory: string, folders: readonly string[]): Promise<boolean> {
  if (folders.includes('cluster-scoped-resources')) return true;
  if (!folders.includes('namespaces')) return false;
  for (const namespace of await foldersIn(path.join(directory, 'namespaces'))) {
    const inside = await namesIn(path.join(directory, 'namespaces', namespace));
    if (inside.includes(`${namespace}.yaml`) || inside.includes('core') || inside.some(isGroup)) return true;
  }
  return false;
}

/** The folder of an API group: `security.istio.io`. */
function isGroup(name: string): boolean {
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(io|com|dev)$/.test(name);
}

/** All namespaces that have a folder, with those folders. */
export async function gatheredNamespaces(roots: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, string[]>();
  for (const root of roots) {
    for (const namespace of await foldersIn(path.join(root, 'namespaces'))) {
      found.set(namespace, [...(found.get(namespace) ?? []), path.join(root, 'namespaces', namespace)]);
    }
  }
  return found;
}

/** Whether the built-in resources of a namespace were gathered, and not just some custom resources. */
export async function wasInspected(folders: readonly string[]): Promise<boolean> {
  const names = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).map((name) => [folder, name] as const)),
  );
  return names.flat().some(([folder, name]) => name === 'core' || name === `${path.basename(folder)}.yaml`);
}

/** `undefined` where there is no trace of the resource. */
export async function gatheredIn(folders: readonly string[], resource: ResourceType): Promise<Gathered | undefined> {
  const { group, plural } = resource;
  const lists: string[] = [];
  const objects: string[] = [];
  let traced = false;
  for (const folder of folders) {
    const inGroup = path.join(folder, group === '' ? 'core' : group);
    const names = await namesIn(inGroup);
    if (names.includes(`${plural}.yaml`)) lists.push(path.join(inGroup, `${plural}.yaml`));
    if (names.includes(plural)) {
      traced = true;
      objects.push(...(await yamlIn(path.join(inGroup, plural))));
    }
    if (group === '' && plural === 'pods') {
      const pods = await foldersIn(path.join(folder, 'pods'));
      traced ||= pods.length > 0;
      for (const pod of pods) objects.push(...(await yamlIn(path.join(folder, 'pods', pod))));
    }
  }
  return traced || lists.length > 0 ? { lists, objects } : undefined;
}

/** A namespace is described in its own folder: `namespaces/bookinfo/bookinfo.yaml`. */
export async function namespaceFiles(namespaces: ReadonlyMap<string, readonly string[]>): Promise<readonly string[]> {
  const folders = [...namespaces].flatMap(([name, all]) => all.map((folder) => ({ name, folder })));
  const files = await Promise.all(
    folders.map(async ({ name, folder }) =>
      (await yamlIn(folder)).filter((file) => path.basename(file) === `${name}.yaml`),
    ),
  );
  return files.flat();
}

async function yamlIn(folder: string): Promise<readonly string[]> {
  return (await namesIn(folder)).filter((name) => name.endsWith('.yaml')).map((name) => path.join(folder, name));
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  return (await entriesOf(folder)).filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return (await entriesOf(folder)).map(({ name }) => name);
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    // What was not gathered has no folder.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new UsageError(`${folder} cannot be read (${code}). Make it readable, or unpack the must-gather again.`, {
      cause: error,
    });
  }
}
