import type { Connection } from '../../src/clients/kubernetes/connection.ts';
import { type Action, resourceName } from '../../src/clients/kubernetes/refusal.ts';

/** One verb on one resource, as a question to the API server. */
export interface Asked {
  readonly action: Action;
  /** `create pods/exec`. */
  readonly name: string;
}

interface ApiResource {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

const usual = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
/** Verbs that discovery does not tell: they widen rights, or sign things. */
const special: Readonly<Record<string, readonly string[]>> = {
  roles: ['bind', 'escalate'],
  clusterroles: ['bind', 'escalate'],
  serviceaccounts: ['impersonate'],
  certificatesigningrequests: ['approve', 'sign', 'attest'],
};
const virtual = ['users', 'groups'].map((name) => ({ name, kind: name, namespaced: false, verbs: ['impersonate'] }));

/** Every verb on every resource and subresource that the API server knows, Secrets included, and on everything at once. */
export async function everythingAsked(connection: Connection): Promise<readonly Asked[]> {
  const groups = await bodyOf<{ groups: readonly { versions: readonly { groupVersion: string }[] }[] }>(
    connection,
    '/apis',
  );
  const versions = groups.groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
  const places = [['', '/api/v1'], ...versions.map((version) => [version.split('/')[0] ?? '', `/apis/${version}`])];
  const asked = new Map<string, Asked>();
  const add = (group: string, resource: ApiResource) => {
    for (const one of questionsOf(group, resource)) asked.set(one.name, one);
  };
  for (const [group = '', path = ''] of places) {
    const { resources } = await bodyOf<{ resources: readonly ApiResource[] }>(connection, path);
    for (const resource of resources) add(group, resource);
  }
  for (const resource of virtual) add('', resource);
  for (const group of ['', '*']) add(group, { name: '*', kind: '*', namespaced: true, verbs: ['*'] });
  return [...asked.values()];
}

function questionsOf(group: string, { name, kind, namespaced, verbs }: ApiResource): readonly Asked[] {
  const [plural = '', ...rest] = name.split('/');
  const resource = { group, plural, kind, versions: [], namespaced };
  const subresource = rest.length > 0 ? rest.join('/') : undefined;
  const all = new Set([...usual, ...verbs, ...(subresource === undefined ? (special[plural] ?? []) : [])]);
  return Array.from(all, (verb) => ({
    action: { verb, resource, ...(subresource !== undefined && { subresource }) },
    name: `${verb} ${resourceName(resource, subresource)}`,
  }));
}

async function bodyOf<T>(connection: Connection, path: string): Promise<T> {
  const { status, body } = await connection.request({ path });
  if (status !== 200) throw new Error(`GET ${path}: status ${status}`);
  return body as T;
}
