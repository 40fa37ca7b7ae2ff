import type { Match } from './authorization-rule.ts';

/** Who calls, and what the server's proxy can see of the connection. */
export interface Peer {
  /** What the caller's certificate says; absent on plaintext. */
  readonly identity?: Identity;
  /** The addresses of the caller's pods. */
  readonly addresses: readonly string[];
  readonly server: { readonly address?: string; readonly port: number };
  readonly carries: 'http' | 'tcp';
  /** The server name that is asked for, empty in plaintext; absent where the application decides. */
  readonly sni?: string;
}

export interface Identity {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** The mesh's trust domains: `cluster.local` in a policy stands for each of them. */
  readonly trustDomains: readonly string[];
}

interface Attribute {
  readonly httpOnly: boolean;
  match(value: string, peer: Peer, policyNamespace: string): Match;
}

const connection: Readonly<Record<string, Attribute['match']>> = {
  'source.principal': (value, { identity }) => yesIf(identity !== undefined && isPrincipal(value, identity)),
  'source.namespace': (value, { identity }) => yesIf(identity !== undefined && isGlob(value, identity.namespace)),
  'source.serviceAccount': (value, { identity }, policyNamespace) => {
    const full = value.includes('/') ? value : `${policyNamespace}/${value}`;
    return yesIf(identity !== undefined && full === `${identity.namespace}/${identity.serviceAccount}`);
  },
  'source.trustDomain': (value, { identity }) => yesIf(identity !== undefined && isGlob(value, identity.trustDomain)),
  'source.ip': (value, { addresses }) => inBlock(value, addresses),
  // Over HTTP the caller may name another address in X-Forwarded-For.
  'remote.ip': (value, { addresses, carries }) => (carries === 'http' ? 'depends' : inBlock(value, addresses)),
  'destination.ip': (value, { server }) => inBlock(value, server.address === undefined ? [] : [server.address]),
  'destination.port': (value, { server }) => yesIf(Number(value) === server.port),
  'connection.sni': (value, { sni }) => (sni === undefined ? 'depends' : yesIf(isAffix(value, sni))),
};

/** What any HTTP request has, so that `*` matches all of them. */
const always: readonly string[] = ['request.host', 'request.method', 'request.path'];
const perRequest = /^request\.(host|method|path|headers\[|auth\.(principal|audiences|presenter|claims\[))/;

/** @returns undefined for a key that Istio does not know: it leaves the rule out. */
export function attributeNamed(key: string): Attribute | undefined {
  const match = connection[key];
  if (match !== undefined) return { httpOnly: false, match };
  if (key.startsWith('experimental.envoy.filters.')) return { httpOnly: false, match: () => 'depends' };
  if (!perRequest.test(key)) return undefined;
  return { httpOnly: true, match: (value) => (value === '*' && always.includes(key) ? 'yes' : 'depends') };
}

/** @see istio pilot/pkg/security/trustdomain/bundle.go: ReplaceTrustDomainAliases */
function isPrincipal(value: string, identity: Identity): boolean {
  const { trustDomain, namespace, serviceAccount, trustDomains } = identity;
  const rest = `/ns/${namespace}/sa/${serviceAccount}`;
  const names = [trustDomain, ...(trustDomains.includes(trustDomain) ? [...trustDomains, 'cluster.local'] : [])];
  return names.some((domain) => isAffix(value, `${domain}${rest}`));
}

/** `*`, `prefix*`, `*suffix` or the whole. */
function isAffix(pattern: string, text: string): boolean {
  if (pattern === '*') return text !== '';
  if (pattern.startsWith('*')) return text.endsWith(pattern.slice(1));
  if (pattern.endsWith('*')) return text.startsWith(pattern.slice(0, -1));
  return pattern === text;
}

/** `*` anywhere stands for anything. */
function isGlob(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let from = first.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > text.length - last.length) return false;
    from = at + part.length;
  }
  return true;
}

/** Of several addresses, each may be the one that calls. */
function inBlock(block: string, addresses: readonly string[]): Match {
  const verdicts = new Set(addresses.map((address) => isInBlock(block, address)));
  const [only = 'depends'] = verdicts;
  return verdicts.size === 1 ? only : 'depends';
}

function isInBlock(block: string, address: string): Match {
  const [network = '', length] = block.split('/');
  if (length === undefined) return yesIf(network === address);
  if (isIpv4(network) !== isIpv4(address)) return 'no';
  if (!isIpv4(network)) return 'depends';
  const size = 2 ** (32 - Number(length));
  return yesIf(Math.floor(number(network) / size) === Math.floor(number(address) / size));
}

function isIpv4(address: string): boolean {
  return /^\d+(\.\d+){3}$/.test(address);
}

function number(address: string): number {
  return address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
}

function yesIf(condition: boolean): Match {
  return condition ? 'yes' : 'no';
}
