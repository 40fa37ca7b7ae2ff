import { readFile } from 'node:fs/promises';
import { SourceError } from '../../model/sources.ts';
import { type ExecCredential, runExecPlugin } from './exec-plugin.ts';
import type { Access, Impersonation, Material } from './kubeconfig.ts';
import { present } from './values.ts';

export type Headers = Readonly<Record<string, string | readonly string[]>>;

/** What a request carries, and what its connection shows. All PEM. */
export interface Credentials {
  readonly headers: Headers;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface CredentialSource {
  current(): Promise<Credentials>;
  /** After a refusal. False: asking again would bring the same. */
  renew(): boolean;
}

/** Tokens and certificates of files change without notice: kubelet writes a new token well before the old one ends. */
const rereadMs = 60_000;
/** A credential that would end before we look again is not used any more. */
const marginMs = rereadMs + 10_000;

export function createCredentialSource(access: Access): CredentialSource {
  const { token, cert, exec } = access.user;
  const held: Held = { plugin: undefined };
  let cached: { readonly until: number; readonly credentials: Promise<Credentials> } | undefined;
  return {
    async current() {
      if (cached === undefined || cached.until < Date.now()) {
        cached = { until: Date.now() + rereadMs, credentials: load(access, held) };
      }
      const mine = cached;
      try {
        return await mine.credentials;
      } catch (error) {
        if (cached === mine) cached = undefined;
        throw error;
      }
    },
    renew() {
      cached = undefined;
      held.plugin = undefined;
      return exec !== undefined || [token, cert].some((one) => one !== undefined && 'file' in one);
    },
  };
}

/** What a program handed out is used until it ends, however often files are read again. */
interface Held {
  plugin: ExecCredential | undefined;
}

async function load(access: Access, held: Held): Promise<Credentials> {
  const { user } = access;
  const [ca, token, cert, key] = await Promise.all([access.ca, user.token, user.cert, user.key].map(read));
  if (user.exec !== undefined && isOver(held.plugin)) held.plugin = await runExecPlugin(user.exec, access, ca);
  const { plugin } = held;
  const provided = user.authProvider === undefined ? {} : await providerHeaders(user.authProvider);
  const own = authorization(plugin?.token ?? token?.trim(), user.basic);
  return {
    headers: { ...own, ...provided, ...impersonationHeaders(user.impersonate ?? {}) },
    ...present({ ca, cert: plugin?.cert ?? cert, key: plugin?.key ?? key }),
  };
}

function isOver(credential: ExecCredential | undefined): boolean {
  return (credential?.expires ?? (credential === undefined ? 0 : Number.POSITIVE_INFINITY)) - marginMs < Date.now();
}

async function read(material: Material | undefined): Promise<string | undefined> {
  if (material === undefined || 'data' in material) return material?.data;
  try {
    return await readFile(material.file, 'utf8');
  } catch (cause) {
    throw new SourceError('unauthenticated', `I cannot read ${material.file}, which the cluster's credentials name.`, {
      next: 'Check that the file is there and that I may read it, or log in again.',
      cause,
    });
  }
}

function authorization(token: string | undefined, basic: { username: string; password: string } | undefined): Headers {
  if (token !== undefined && token !== '') return { authorization: `Bearer ${token}` };
  if (basic === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}` };
}

/** Several groups are several header lines: joined with commas they would be one strange group. */
export function impersonationHeaders({ user, groups = [], uid, extra = {} }: Impersonation): Headers {
  const extras = Object.entries(extra).map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key)}`, values]);
  return {
    ...present({ 'impersonate-user': user, 'impersonate-uid': uid }),
    ...(groups.length > 0 && { 'impersonate-group': groups }),
    ...Object.fromEntries(extras),
  };
}

/** OIDC and the like are left to client-node, which is loaded only for them: it is large. */
async function providerHeaders(authProvider: unknown): Promise<Headers> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: 'cluster', server: 'https://localhost', skipTLSVerify: false },
    { name: 'user', authProvider },
  );
  const options: { headers: Record<string, string> } = { headers: {} };
  try {
    await config.applyToHTTPSOptions(options);
  } catch (cause) {
    throw new SourceError('unauthenticated', 'The auth-provider of the kubeconfig gave me no credentials.', {
      next: 'Log in again, or choose another context.',
      cause,
    });
  }
  const token = options.headers.Authorization;
  return token === undefined ? {} : { authorization: token };
}
