import path from 'node:path';
import { nearest } from '../../model/nearest.ts';
import { UsageError } from '../../model/sources.ts';
import { readKubeconfigs } from './kubeconfig-files.ts';
import { listOf, mapOf, type PlainMap, present, textOf } from './values.ts';

/** Something that is kept in a file, and may change there, or stands in the kubeconfig itself. */
export type Material = { readonly file: string } | { readonly data: string };

/** A program that hands out credentials: `aws eks get-token`, `gke-gcloud-auth-plugin`, … */
export interface ExecPlugin {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  readonly installHint?: string;
  readonly provideClusterInfo: boolean;
}

export interface Impersonation {
  readonly user?: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface UserAccess {
  readonly token?: Material;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly cert?: Material;
  readonly key?: Material;
  readonly exec?: ExecPlugin;
  /** As client-node reads it: OIDC and older providers. */
  readonly authProvider?: PlainMap;
  readonly impersonate?: Impersonation;
}

/** All that is needed to talk to one API server. */
export interface Access {
  /** The kubeconfig's name of the cluster. */
  readonly name?: string;
  readonly server: string;
  readonly ca?: Material;
  readonly insecure: boolean;
  /** The name in the server's certificate where it is not the host of `server`. */
  readonly servername?: string;
  readonly proxyUrl?: string;
  readonly user: UserAccess;
}

/** An entry of `clusters`, `users` or `contexts`, and the directory its relative paths start from. */
export interface Entry {
  readonly name: string;
  readonly value: PlainMap;
  readonly directory: string;
}

export interface Kubeconfig {
  /** The files it was read from, for messages. */
  readonly where: string;
  readonly currentContext?: string;
  readonly contexts: readonly Entry[];
  readonly clusters: readonly Entry[];
  readonly users: readonly Entry[];
}

/**
 * Reads kubeconfig files and picks a context: the one that is named, else the current one.
 *
 * @throws UsageError where a file cannot be read or understood, or the context does not exist.
 */
export function accessFromKubeconfig(files: readonly string[], context: string | undefined): Access {
  const config = readKubeconfigs(files);
  const chosen = contextOf(config, context);
  const cluster = referred(config, chosen, 'cluster', config.clusters);
  const user = textOf(chosen.value.user) === undefined ? undefined : referred(config, chosen, 'user', config.users);
  return {
    name: cluster.name,
    server: serverOf(cluster, config),
    insecure: cluster.value['insecure-skip-tls-verify'] === true,
    ...present({
      ca: material(cluster, 'certificate-authority'),
      servername: textOf(cluster.value['tls-server-name']),
      proxyUrl: textOf(cluster.value['proxy-url']),
    }),
    user: user === undefined ? {} : userAccess(user),
  };
}

function contextOf({ contexts, currentContext, where }: Kubeconfig, named: string | undefined): Entry {
  const name = named ?? currentContext;
  const names = contexts.map((one) => one.name);
  const [only] = contexts;
  if (only === undefined)
    throw new UsageError(
      `${where} has no contexts. Log in to a cluster first, or name another file with --kubeconfig.`,
    );
  if (name === undefined) {
    if (contexts.length === 1) return only;
    throw new UsageError(`${where} has no current context. Name one with --context: ${shortList(names)}.`);
  }
  const found = contexts.find((one) => one.name === name);
  if (found !== undefined) return found;
  const [close] = nearest(name, names);
  const hint = close === undefined ? `There are: ${shortList(names)}.` : `Did you mean ${close}?`;
  throw new UsageError(`There is no context ${name} in ${where}. ${hint}`);
}

function referred({ where }: Kubeconfig, context: Entry, what: 'cluster' | 'user', entries: readonly Entry[]): Entry {
  const name = textOf(context.value[what]);
  const found = entries.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new UsageError(
    name === undefined
      ? `Context ${context.name} in ${where} names no ${what}. Mend the kubeconfig, or choose another context with --context.`
      : `Context ${context.name} in ${where} names the ${what} ${name}, which is not there. Mend the kubeconfig, or choose another context with --context.`,
  );
}

function serverOf({ name, value }: Entry, { where }: Kubeconfig): string {
  const server = textOf(value.server) ?? '';
  if (/^https?:$/.test(URL.parse(server)?.protocol ?? '')) return server.replace(/\/+$/, '');
  throw new UsageError(
    `The server of cluster ${name} in ${where} is not an http or https URL. Mend the kubeconfig: server: https://HOST:6443.`,
  );
}

function userAccess(user: Entry): UserAccess {
  const { value, directory } = user;
  const tokenFile = textOf(value.tokenFile);
  const token = textOf(value.token);
  const username = textOf(value.username);
  const provider = mapOf(value['auth-provider']);
  return present({
    token: tokenFile !== undefined ? { file: path.resolve(directory, tokenFile) } : token && { data: token },
    basic: username === undefined ? undefined : { username, password: textOf(value.password) ?? '' },
    cert: material(user, 'client-certificate'),
    key: material(user, 'client-key'),
    exec: execPlugin(user),
    authProvider: Object.keys(provider).length > 0 ? provider : undefined,
    impersonate: impersonation(value),
  }) as UserAccess;
}

function execPlugin({ value, directory }: Entry): ExecPlugin | undefined {
  const exec = mapOf(value.exec);
  const command = textOf(exec.command);
  if (command === undefined) return undefined;
  const env = listOf(exec.env).map((one) => [String(mapOf(one).name), String(mapOf(one).value ?? '')] as const);
  return {
    // A path is relative to the kubeconfig; a bare name is looked up in PATH.
    command: command.includes('/') ? path.resolve(directory, command) : command,
    args: listOf(exec.args).map(String),
    env: Object.fromEntries(env),
    apiVersion: textOf(exec.apiVersion) ?? 'client.authentication.k8s.io/v1',
    provideClusterInfo: exec.provideClusterInfo === true,
    ...present({ installHint: textOf(exec.installHint) }),
  };
}

function impersonation(value: PlainMap): Impersonation | undefined {
  const user = textOf(value.as);
  if (user === undefined) return undefined;
  const groups = listOf(value['as-groups']).map(String);
  const extra = Object.entries(mapOf(value['as-user-extra'])).map(
    ([key, values]) => [key, listOf(values).map(String)] as const,
  );
  return { user, groups, extra: Object.fromEntries(extra), ...present({ uid: textOf(value['as-uid']) }) };
}

/** `field-data` holds it in base64; `field` names a file. The data wins, as in kubectl. */
function material({ value, directory }: Entry, field: string): Material | undefined {
  const data = textOf(value[`${field}-data`]);
  if (data !== undefined) return { data: Buffer.from(data, 'base64').toString('utf8') };
  const file = textOf(value[field]);
  return file === undefined ? undefined : { file: path.resolve(directory, file) };
}

function shortList(names: readonly string[]): string {
  return `${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
}
