import type { GetOptions, KubeObject, ResourceType } from '../../model/sources.ts';
import type { ApiAnswer } from './answer.ts';
import { type Api, withDeadline } from './api.ts';
import { isObject, notAnObject } from './objects.ts';
import { type Action, refusal } from './refusal.ts';
import { valueAt } from './values.ts';

/** One object, or `undefined` where there is none of that name. */
export function getObject(
  api: Api,
  resource: ResourceType,
  name: string,
  { namespace, signal }: GetOptions,
): Promise<KubeObject | undefined> {
  return withDeadline(api, signal, (deadline) => readObject(api, resource, name, { namespace, signal: deadline }));
}

async function readObject(
  api: Api,
  resource: ResourceType,
  name: string,
  { namespace, signal }: { readonly namespace: string | undefined; readonly signal: AbortSignal },
): Promise<KubeObject | undefined> {
  const action = { verb: 'get', resource, name, ...(resource.namespaced && { namespace: namespace ?? 'default' }) };
  for (let again = false; ; again = true) {
    const { path } = await api.discovery.pathOf(resource, signal);
    const answer = await api.connection.request({ path: `${path}${placeOf(action)}`, signal });
    if (answer.status === 200) {
      if (isObject(answer.body) && answer.body.kind === resource.kind) return answer.body;
      throw notAnObject(answer.body, action, api.connection.server);
    }
    if (answer.status !== 404) throw refusal(answer, action, api.connection.server);
    if (isMissingObject(answer)) return undefined;
    // The resource itself is not there (any more): fresh discovery tells how that is said.
    if (again) throw refusal(answer, action, api.connection.server);
    api.discovery.forget();
  }
}

/** `/namespaces/bookinfo/pods/reviews-0`. */
function placeOf({ resource, namespace, name = '' }: Action): string {
  const scope = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${scope}/${resource.plural}/${encodeURIComponent(name)}`;
}

/** A missing object is named by the answer; a missing resource is not. */
function isMissingObject({ body, reason }: ApiAnswer): boolean {
  return reason === 'NotFound' && typeof valueAt(body, 'details', 'name') === 'string';
}
