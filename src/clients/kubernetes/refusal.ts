import { type ResourceType, SourceError } from '../../model/sources.ts';
import type { ApiAnswer } from './answer.ts';
import { textOf, valueAt } from './values.ts';

/** What was tried, for messages: `list` of a resource in a namespace. */
export interface Action {
  readonly verb: string;
  readonly resource: ResourceType;
  /** `pods/portforward`. */
  readonly subresource?: string;
  readonly namespace?: string | undefined;
  readonly name?: string;
}

/** `list peerauthentications.security.istio.io in namespace istio-system`. */
export function inWords({ verb, resource, subresource, namespace, name }: Action): string {
  const what = [resourceName(resource, subresource), ...(name === undefined ? [] : [name])].join(' ');
  if (!resource.namespaced) return `${verb} ${what}`;
  return `${verb} ${what} in ${namespace === undefined ? 'all namespaces' : `namespace ${namespace}`}`;
}

export function resourceName({ plural, group }: ResourceType, subresource?: string): string {
  const full = subresource === undefined ? plural : `${plural}/${subresource}`;
  return group === '' ? full : `${full}.${group}`;
}

const grant = 'Ask an admin to grant it: kubectl apply -f deploy/base/rbac.yaml (ClusterRole mesh-reader).';

/** An answer of the API server that is no success, as the reader needs it. */
export function refusal(
  answer: ApiAnswer,
  action: Action,
  server: string,
  { forbidden = grant }: { readonly forbidden?: string } = {},
): SourceError {
  const said = messageOf(answer);
  const doing = inWords(action);
  switch (answer.status) {
    case 401:
      return unauthenticated(server);
    case 403:
      return new SourceError('forbidden', `I may not ${doing}${whoAmI(said)}.`, { next: forbidden });
    case 408:
    case 504:
      return new SourceError('timeout', `The API server ran out of time when I wanted to ${doing}: ${said}`, {
        next: 'Ask again; if it stays so, look at the load of the API server and of etcd.',
      });
    case 429:
      return new SourceError('unreachable', `The API server is too busy to let me ${doing}.`, {
        next: 'Ask again in a minute; if it stays so, look at its priority and fairness settings.',
      });
    default:
      return answer.status >= 500
        ? new SourceError('unreachable', `The API server could not ${doing} (status ${answer.status}): ${said}`, {
            next: 'Ask again; if it stays so, look at the logs of the API server.',
          })
        : new SourceError('invalid', `The API server would not ${doing} (status ${answer.status}): ${said}`);
  }
}

export function unauthenticated(server: string): SourceError {
  return new SourceError('unauthenticated', `${server} does not accept my credentials.`, {
    next: 'Log in again, or choose another context. In a pod: restart it, so that it gets a new token.',
  });
}

/** The API server names the account it refused. */
function whoAmI(said: string): string {
  const [, user] = /User "([^"]+)"/.exec(said) ?? [];
  return user === undefined ? '' : ` as ${user}`;
}

function messageOf({ body }: ApiAnswer): string {
  const said = textOf(valueAt(body, 'message')) ?? textOf(body) ?? 'it gave no reason';
  const line = said.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
