import type { Namespace } from '../model/control-plane.ts';
import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import { SourceError } from '../model/sources.ts';
import { scopeOf } from '../model/target.ts';
import { all, type Collection, defineCollector } from './collector.ts';
import { at, textMap } from './fields.ts';

/** Namespaces with their labels. Where they may not be listed, those the question names are got one by one. */
export const namespaces = defineCollector({
  kind: 'namespaces',
  reads: [resources.namespaces],
  async collect(collection) {
    const { cluster } = collection.sources;
    try {
      const listed = await cluster.list(resources.namespaces, { signal: collection.signal }, project);
      const items = cluster.kind === 'live' ? listed : withMentioned(listed, await mentioned(collection));
      return { value: { complete: true, items }, coverage: all(items.length, 'namespace') };
    } catch (error) {
      const items = await oneByOne(error, collection);
      const notes = ['I may not list namespaces: only those in question were read.'];
      return { value: { complete: false, items }, coverage: all(items.length, 'namespace', notes) };
    }
  },
});

function project(object: KubeObject): Namespace {
  return { name: object.metadata.name, labels: textMap(at(object, 'metadata', 'labels')) };
}

async function oneByOne(error: unknown, { sources, target, signal }: Collection): Promise<readonly Namespace[]> {
  const scope = scopeOf(target);
  if (!(error instanceof SourceError) || error.reason !== 'forbidden' || scope === undefined) throw error;
  const found = await Promise.all(scope.map((name) => sources.cluster.get(resources.namespaces, name, { signal })));
  return found.filter((object) => object !== undefined).map(project);
}

/** Namespaces that files name without describing them. */
async function mentioned({ sources, signal }: Collection): Promise<readonly string[]> {
  const kinds = [resources.deployments, resources.statefulSets, resources.daemonSets, resources.pods];
  const lists = await Promise.all(
    kinds.map((resource) =>
      sources.cluster.list(resource, { signal }, ({ metadata }) => metadata.namespace ?? 'default').catch(absent),
    ),
  );
  return [...new Set(lists.flat())];
}

function absent(error: unknown): readonly string[] {
  if (error instanceof SourceError && error.reason === 'not-in-source') return [];
  throw error;
}

function withMentioned(listed: readonly Namespace[], names: readonly string[]): readonly Namespace[] {
  const known = new Set(listed.map(({ name }) => name));
  return [...listed, ...names.filter((name) => !known.has(name)).map((name) => ({ name, labels: {} }))];
}
