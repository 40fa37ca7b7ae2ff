import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Environment } from './access.ts';

/** The proxy on the way to a server, as the environment names it; NO_PROXY is read as Go programs do, CIDRs included. */
export function proxyFor(server: URL, env: Environment): string | undefined {
  const host = server.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (isLoopback(host) || exempt(host, port, env.NO_PROXY ?? env.no_proxy ?? '')) return undefined;
  const proxy =
    server.protocol === 'https:' ? (env.HTTPS_PROXY ?? env.https_proxy) : (env.HTTP_PROXY ?? env.http_proxy);
  if (!proxy) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function exempt(host: string, port: string, list: string): boolean {
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entry === '*' || matches(host, port, entry.toLowerCase()));
}

function matches(host: string, port: string, entry: string): boolean {
  if (entry.includes('/')) return inRange(host, entry);
  const [name = '', onlyPort] = isIPv6(entry) ? [entry] : entry.replace(/^\[(.*)\]/, '$1').split(/:(?=\d+$)/);
  if (onlyPort !== undefined && onlyPort !== port) return false;
  const domain = name.replace(/^\*?\./, '');
  // `.example.com` covers names below it; `example.com` also the name itself.
  return host.endsWith(`.${domain}`) || (host === domain && domain === name);
}

function inRange(host: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(host) === 0 || isIP(host) !== isIP(network) || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 'ipv6' ? 128 : 32)) return false;
  const range = new BlockList();
  range.addSubnet(network, Number(bits), family);
  return range.check(host, family);
}
