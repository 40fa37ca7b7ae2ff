import { createPatch, createTests } from 'rfc6902';
import type { Change } from '../../model/fix.ts';
import type { KubeObject } from '../../model/sources.ts';
import type { WriteOptions } from '../../model/writer.ts';
import type { ApiRequest } from './connection.ts';
import { impersonationHeaders } from './credentials.ts';
import { mapOf } from './values.ts';

/** How fields that we set are known in managedFields. */
export const fieldManager = 'meshbot';

/**
 * The one request that makes a change, and makes it only where the object is still `before`. It goes to the version
 * that the plan was shown in. `undefined`: `before` does not say which object it is.
 */
export function writeRequest(change: Change, { dryRun, as }: WriteOptions): ApiRequest | undefined {
  const { before, after } = change;
  const headers = as === undefined ? {} : impersonationHeaders(as);
  const query = { fieldManager, fieldValidation: 'Strict', ...(dryRun && { dryRun: 'All' }) };
  if (before === null)
    return after === null ? undefined : { ...creation(change, after), query, headers: { ...headers, ...applied } };
  const { uid, resourceVersion } = before.metadata;
  if (uid === undefined || resourceVersion === undefined) return undefined;
  const path = pathOf(change, before);
  if (after !== null) {
    return { method: 'PATCH', path, query, headers: { ...headers, ...patched }, body: patchOf(before, after) };
  }
  // Beside a body the API server does not look at the query: a dry run said only there would delete.
  const options = { preconditions: { uid, resourceVersion }, ...(dryRun && { dryRun: ['All'] }) };
  return { method: 'DELETE', path, headers, body: { apiVersion: 'v1', kind: 'DeleteOptions', ...options } };
}

const patched = { 'content-type': 'application/json-patch+json' };
const applied = { 'content-type': 'application/apply-patch+yaml' };

/** Where an object stands, in the version that it is written in. */
function pathOf({ resource, namespace, name }: Change, { apiVersion }: KubeObject): string {
  const root = resource.group === '' ? '/api' : '/apis';
  const scope = resource.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? 'default')}` : '';
  return `${root}/${apiVersion}${scope}/${resource.plural}/${encodeURIComponent(name)}`;
}

/** `before` → `after`, after tests that it is the very object that was seen, with the values that were seen. */
function patchOf(before: KubeObject, after: KubeObject): readonly object[] {
  const [from, to] = [writable(before), writable(after)];
  const operations = createPatch(from, to);
  const values = createTests(from, operations).filter(({ value }) => value !== undefined);
  const { uid, resourceVersion } = before.metadata;
  return [
    { op: 'test', path: '/metadata/uid', value: uid },
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    ...values,
    ...operations,
  ];
}

/**
 * Server-side apply, because that is the creation that RBAC can grant for one name. An existing object does not have
 * the resourceVersion 1 (it is older than any object), so it is a conflict; where there is none, it is not looked at.
 */
function creation(change: Change, after: KubeObject): Pick<ApiRequest, 'method' | 'path' | 'body'> {
  const object = writable(after);
  return {
    method: 'PATCH',
    path: pathOf(change, after),
    body: { ...object, metadata: { ...mapOf(object.metadata), resourceVersion: '1' } },
  };
}

/** Without what the API server keeps itself. */
function writable({ status: _, ...object }: KubeObject): Record<string, unknown> {
  const { uid, resourceVersion, creationTimestamp, managedFields, generation, ...metadata } = mapOf(object.metadata);
  return { ...object, metadata };
}
