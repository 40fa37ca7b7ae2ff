import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { fileSource } from '../clients/files/file-source.ts';
import { parseSelector } from '../clients/files/selector.ts';
import type { Change } from '../model/fix.ts';
import type { Cluster, KubeObject, ResourceType } from '../model/sources.ts';
import type { ClusterWriter, WriteOptions, WriteOutcome } from '../model/writer.ts';

/** A write that was really made. */
export interface ExampleWrite {
  readonly change: Change;
  readonly as?: string;
}

type Place = Pick<Change, 'resource' | 'namespace' | 'name'>;

/**
 * An example mesh that can be changed: manifests read once, and changes kept in memory under the rules of the API
 * server: uid and resourceVersion are preconditions, and a dry run keeps nothing.
 */
export interface ExampleCluster extends Cluster, ClusterWriter {
  readonly writes: readonly ExampleWrite[];
  /** Somebody else changes an object, as `kubectl edit` would. */
  edit(place: Place, manager: string, change: (object: KubeObject) => KubeObject): Promise<void>;
  /** Stops all writes, as the ConfigMap does in a real cluster; nothing: lets them go on. */
  freeze(because: string | undefined): void;
}

export async function exampleCluster(options: {
  readonly name: string;
  readonly folder: string;
  readonly source?: string;
}): Promise<ExampleCluster> {
  const base = await fileSource([options.folder]);
  const changed = new Map<string, { readonly resource: ResourceType; readonly object: KubeObject | null }>();
  const writes: ExampleWrite[] = [];
  let version = 1_000;
  let frozen: string | undefined;

  async function read({ resource, namespace, name }: Place): Promise<KubeObject | null> {
    const known = changed.get(keyOf(resource, namespace, name));
    if (known !== undefined) return known.object;
    const found = await base.get(resource, name, namespace === undefined ? {} : { namespace });
    return found === undefined ? null : stamped(found);
  }

  function keep(place: Place, object: KubeObject | null, manager: string, time?: string): KubeObject | null {
    version += 1;
    const kept = object === null ? null : written(object, String(version), manager, time);
    changed.set(keyOf(place.resource, place.namespace, place.name), { resource: place.resource, object: kept });
    return kept;
  }

  async function write(change: Change, { dryRun, as }: WriteOptions): Promise<WriteOutcome> {
    const live = await read(change);
    const detail = driftOf(live, change.before);
    if (detail !== undefined) return { status: 'drifted', detail };
    if (dryRun) return { status: 'written', object: change.after };
    writes.push({ change, ...(as !== undefined && { as: as.user }) });
    return { status: 'written', object: keep(change, change.after, 'meshbot') };
  }

  return {
    ...base,
    name: options.name,
    source: options.source ?? base.source,
    writes,
    read,
    write,
    async list(resource, listOptions, project) {
      const isChanged = ({ metadata: { namespace, name } }: KubeObject) =>
        changed.has(keyOf(resource, namespace, name));
      const unchanged = await base.list(resource, listOptions, (object) =>
        isChanged(object) ? undefined : project(stamped(object)),
      );
      const matches = parseSelector(listOptions.labelSelector);
      const others = [...changed.values()].flatMap(({ resource: of, object }) => {
        const isAsked =
          object !== null &&
          of.plural === resource.plural &&
          of.group === resource.group &&
          (listOptions.namespace === undefined || listOptions.namespace === object.metadata.namespace) &&
          matches(object.metadata.labels);
        return isAsked ? (project(object) ?? []) : [];
      });
      return [...unchanged, ...others];
    },
    async get(resource, name, { namespace }) {
      return (await read({ resource, name, ...(namespace !== undefined && { namespace }) })) ?? undefined;
    },
    isAllowed: async () => true,
    frozen: async () => frozen,
    note: async () => {},
    async edit(place, manager, change) {
      const live = await read(place);
      if (live === null) throw new Error(`There is no ${place.resource.kind} ${place.name}`);
      keep(place, change(live), manager, new Date().toISOString());
    },
    freeze(because) {
      frozen = because;
    },
  };
}

function keyOf({ group, plural }: ResourceType, namespace: string | undefined, name: string): string {
  return [group, plural, namespace ?? '', name].join('/');
}

/** Manifests have no uid: theirs follows from what they are. */
function stamped(object: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid: uidOf(object), resourceVersion: '1' } };
}

function uidOf({ kind, metadata: { namespace = '', name } }: KubeObject): string {
  return createHash('sha256').update([kind, namespace, name].join('/')).digest('hex').slice(0, 32);
}

function written(object: KubeObject, resourceVersion: string, manager: string, time: string | undefined): KubeObject {
  const uid = object.metadata.uid ?? uidOf(object);
  const managedFields = [{ manager, operation: 'Update', ...(time !== undefined && { time }) }];
  return { ...object, metadata: { ...object.metadata, uid, resourceVersion, managedFields } };
}

function driftOf(live: KubeObject | null, before: KubeObject | null): string | undefined {
  if (live === null && before === null) return undefined;
  if (live === null || before === null) return live === null ? 'it is gone' : 'it exists by now';
  const idOf = ({ metadata: { uid, resourceVersion } }: KubeObject) => [uid, resourceVersion];
  return isDeepStrictEqual(idOf(live), idOf(before)) ? undefined : 'it was changed since';
}
