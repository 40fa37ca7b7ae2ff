import { type KubeObject, type ListOptions, type ResourceType, SourceError } from '../../model/sources.ts';
import type { ApiAnswer } from './answer.ts';
import { type Api, withDeadline } from './api.ts';
import { isObject, notAnObject } from './objects.ts';
import { type Action, inWords, refusal } from './refusal.ts';
import { isMap, textOf, valueAt } from './values.ts';

interface Listing<T> {
  readonly api: Api;
  readonly resource: ResourceType;
  readonly labelSelector: string | undefined;
  readonly action: Action;
  readonly signal: AbortSignal;
  readonly project: (object: KubeObject) => T | undefined;
}

/** Lists page by page; each object is projected as its page arrives, and let go. */
export function listPages<T>(
  api: Api,
  resource: ResourceType,
  { namespace, labelSelector, signal }: ListOptions,
  project: (object: KubeObject) => T | undefined,
): Promise<readonly T[]> {
  const action = { verb: 'list', resource, namespace: resource.namespaced ? namespace : undefined };
  const listing = { api, resource, labelSelector, action, project };
  return withDeadline(api, signal, (deadline) => readAll({ ...listing, signal: deadline }));
}

async function readAll<T>(listing: Listing<T>): Promise<readonly T[]> {
  const { api, resource, action } = listing;
  const listed = await readServed(listing);
  if (listed !== undefined) return listed;
  // Served a minute ago, not there now: fresh discovery tells how that is said.
  api.discovery.forget();
  const again = await readServed(listing);
  if (again !== undefined) return again;
  throw new SourceError(
    'unreachable',
    `The API server serves ${resource.kind}s, but does not find what I wanted to ${inWords(action)}.`,
    {
      next: 'Ask again: the API may be starting or being updated.',
    },
  );
}

/** `undefined` where the API server does not know the resource there (any more). */
async function readServed<T>(listing: Listing<T>): Promise<readonly T[] | undefined> {
  const { api, resource, action, signal, labelSelector } = listing;
  const { path, apiVersion } = await api.discovery.pathOf(resource, signal);
  let found: T[] = [];
  let next: string | undefined;
  let restarted = false;
  for (;;) {
    const query = { limit: api.pageSize, continue: next, labelSelector };
    const answer = await api.connection.request({ path: `${path}${placeOf(action)}`, query, signal });
    if (answer.status === 404) return undefined;
    if (answer.status === 410 && next !== undefined) {
      next = afterExpiry(answer, restarted, action, api);
      restarted = true;
      if (next === undefined) found = [];
      continue;
    }
    if (answer.status !== 200) throw refusal(answer, action, api.connection.server);
    for (const object of itemsOf(answer.body, listing, apiVersion)) {
      const projected = listing.project(object);
      if (projected !== undefined) found.push(projected);
    }
    next = textOf(valueAt(answer.body, 'metadata', 'continue'));
    if (next === undefined) return found;
  }
}

/**
 * The pages before showed a state that the API server has forgotten. Once we begin anew (`undefined`); if that is too
 * slow again, we go on with what is there by now, as the API server offers.
 */
function afterExpiry(answer: ApiAnswer, restarted: boolean, action: Action, { connection }: Api): string | undefined {
  if (!restarted) return undefined;
  const offered = textOf(valueAt(answer.body, 'metadata', 'continue'));
  if (offered === undefined) throw refusal(answer, action, connection.server);
  return offered;
}

function placeOf({ resource, namespace }: Action): string {
  return `${namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`}/${resource.plural}`;
}

/** Items of a list do not say what they are: it is filled in. */
function* itemsOf<T>(body: unknown, { action, resource, api }: Listing<T>, apiVersion: string): Generator<KubeObject> {
  const items = valueAt(body, 'items') ?? [];
  if (!Array.isArray(items) || !isMap(valueAt(body, 'metadata')))
    throw notAnObject(body, action, api.connection.server);
  for (const item of items) {
    const object: unknown = isMap(item) ? Object.assign(item, { apiVersion, kind: resource.kind }) : item;
    if (!isObject(object)) throw notAnObject(object, action, api.connection.server);
    yield object;
  }
}
