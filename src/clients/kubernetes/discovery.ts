import { type ResourceType, SourceError } from '../../model/sources.ts';
import type { ApiAnswer } from './answer.ts';
import type { Connection } from './connection.ts';
import { gaveUp, untilAborted } from './giving-up.ts';
import { resourceName, unauthenticated } from './refusal.ts';
import { listOf, mapOf, textOf, valueAt } from './values.ts';

export interface Discovery {
  /**
   * Where a resource is served, in the best version that we understand: `/apis/security.istio.io/v1`.
   *
   * @throws SourceError `not-installed` where it is not served.
   */
  pathOf(resource: ResourceType, signal: AbortSignal): Promise<{ readonly path: string; readonly apiVersion: string }>;
  /** After an answer that shows that what we know is old. */
  forget(): void;
}

/** Names of resources by version; `undefined` where the versions are known, but not yet what is in them. */
type Versions = ReadonlyMap<string, ReadonlySet<string> | undefined>;

type Groups = ReadonlyMap<string, Versions>;

const freshMs = 60_000;
/** A resource that was missing may have been installed since. */
const missingFreshMs = 3_000;
const aggregated = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .join(',');

export function createDiscovery(connection: Connection): Discovery {
  let known: { readonly at: number; readonly served: Promise<Groups> } | undefined;
  function served(maxAgeMs: number): Promise<Groups> {
    if (known === undefined || Date.now() - known.at > maxAgeMs)
      known = { at: Date.now(), served: discover(connection) };
    const mine = known;
    mine.served.catch(() => {
      if (known === mine) known = undefined;
    });
    return mine.served;
  }
  return {
    async pathOf(resource, signal) {
      const { group } = resource;
      if (group === '') return { path: '/api/v1', apiVersion: 'v1' };
      for (const maxAgeMs of [freshMs, missingFreshMs]) {
        const groups = await waitFor(served(maxAgeMs), signal, connection.server);
        const found = await versionOf(resource, groups, connection, signal);
        if (found !== undefined) return { path: `/apis/${group}/${found}`, apiVersion: `${group}/${found}` };
      }
      throw notServed(resource, (await served(freshMs)).get(group));
    },
    forget() {
      known = undefined;
    },
  };
}

/** Others wait for the same answer, so the signal of one caller does not end the request: that has its own deadline. */
async function waitFor(groups: Promise<Groups>, signal: AbortSignal, server: string): Promise<Groups> {
  const started = performance.now();
  try {
    return await untilAborted(groups, signal);
  } catch (error) {
    throw error === signal.reason ? gaveUp(error, server, performance.now() - started) : error;
  }
}

async function discover(connection: Connection): Promise<Groups> {
  const answer = await connection.request({ path: '/apis', headers: { accept: `${aggregated},application/json` } });
  if (answer.status !== 200) throw discoveryFailure(answer, connection.server);
  const kind = valueAt(answer.body, 'kind');
  if (kind === 'APIGroupDiscoveryList') return aggregatedGroups(answer.body);
  if (kind === 'APIGroupList') return plainGroups(answer.body);
  throw new SourceError('invalid', `${connection.server} does not say which APIs it serves.`, {
    next: 'Check the address of the cluster: is it the API server of a Kubernetes?',
  });
}

function aggregatedGroups(body: unknown): Groups {
  return new Map(
    listOf(valueAt(body, 'items')).map((group) => [
      textOf(valueAt(group, 'metadata', 'name')) ?? '',
      new Map(
        listOf(mapOf(group).versions).map((version) => [textOf(mapOf(version).version) ?? '', resourcesOf(version)]),
      ),
    ]),
  );
}

/** A stale version belongs to an extension API server that does not answer: what is in it is not known. */
function resourcesOf(version: unknown): ReadonlySet<string> | undefined {
  const names = listOf(mapOf(version).resources).map((one) => textOf(mapOf(one).resource) ?? '');
  return names.length === 0 && mapOf(version).freshness === 'Stale' ? undefined : new Set(names);
}

function plainGroups(body: unknown): Groups {
  return new Map(
    listOf(valueAt(body, 'groups')).map((group) => [
      textOf(mapOf(group).name) ?? '',
      new Map(listOf(mapOf(group).versions).map((version) => [textOf(mapOf(version).version) ?? '', undefined])),
    ]),
  );
}

async function versionOf(
  resource: ResourceType,
  groups: Groups,
  connection: Connection,
  signal: AbortSignal,
): Promise<string | undefined> {
  const versions = groups.get(resource.group);
  for (const version of resource.versions) {
    if (!versions?.has(version)) continue;
    const names = versions.get(version) ?? (await resourcesIn(resource.group, version, connection, signal));
    if (names.has(resource.plural)) return version;
  }
  return undefined;
}

/** API servers before 1.26 tell the resources of one version at a time. */
async function resourcesIn(
  group: string,
  version: string,
  connection: Connection,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const answer = await connection.request({ path: `/apis/${group}/${version}`, signal });
  if (answer.status === 404) return new Set();
  if (answer.status !== 200) throw discoveryFailure(answer, connection.server);
  return new Set(listOf(valueAt(answer.body, 'resources')).map((one) => textOf(mapOf(one).name) ?? ''));
}

function discoveryFailure({ status }: ApiAnswer, server: string): SourceError {
  if (status === 401) return unauthenticated(server);
  if (status === 403) {
    return new SourceError('forbidden', 'I may not ask which APIs the cluster serves (GET /apis).', {
      next: 'Ask an admin to bind the ClusterRole system:discovery to me.',
    });
  }
  return new SourceError('unreachable', `${server} could not tell which APIs it serves (status ${status}).`, {
    next: 'Ask again; if it stays so, look at the APIServices that are not available: kubectl get apiservices.',
  });
}

function notServed(resource: ResourceType, versions: Versions | undefined): SourceError {
  const name = resourceName(resource);
  const others = [...(versions ?? [])].filter(([, names]) => names?.has(resource.plural)).map(([version]) => version);
  if (others.length > 0) {
    const understood = resource.versions.join(', ');
    return new SourceError(
      'invalid',
      `The cluster serves ${name} only as ${others.join(', ')}; I understand ${understood}.`,
      {
        next: 'Use a version of meshbot that understands it.',
      },
    );
  }
  return new SourceError(
    'not-installed',
    `The cluster does not know ${resource.kind}s: the CustomResourceDefinition ${name} is not installed.`,
    {
      next: /(^|\.)istio\.io$/.test(resource.group)
        ? "Install Istio's CustomResourceDefinitions (they come with Istio), or check that I look at the right cluster."
        : 'Check that I look at the right cluster. Where that part is not used there, nothing is wrong.',
    },
  );
}
