import type { CountingProxy, Observed, Traffic } from '../../src/model/observed.ts';

/** One row of traffic: `shop/web → shop/api mtls 12`; `? → …` is a caller that metrics cannot name. */
export function row(text: string, protocol: Traffic['protocol'] = 'http'): Traffic {
  const [from = '', , to = '', wire, count] = text.split(' ');
  const client = nameOf(from);
  const server = nameOf(to);
  if (server === undefined || (wire !== 'mtls' && wire !== 'plaintext')) throw new Error(`not a row: ${text}`);
  return { ...(client && { client }), server, protocol, wire, count: Number(count) };
}

function nameOf(id: string): Traffic['server'] | undefined {
  const [namespace = '', workload] = id.split('/');
  return workload === undefined ? undefined : { namespace, workload };
}

/** What was seen, and the pods whose metrics come in or do not: `shop/api-0`. */
export function observedOf(
  traffic: readonly Traffic[],
  { scraped = [], blind = [] }: { readonly scraped?: readonly string[]; readonly blind?: readonly string[] } = {},
): Observed {
  const proxy = (id: string, isScraped: boolean) => {
    const [namespace = '', pod = ''] = id.split('/');
    return { namespace, pod, scraped: isScraped };
  };
  return {
    windowSeconds: 900,
    traffic,
    proxies: [...scraped.map((id) => proxy(id, true)), ...blind.map((id) => proxy(id, false))],
  };
}

/** The same, as proxies tell that were asked themselves and have run for this long. */
export function countedFor(upSeconds: number | undefined, { traffic, proxies }: Observed): Observed {
  const asked = (one: CountingProxy) => (one.scraped && upSeconds !== undefined ? { ...one, upSeconds } : one);
  return { traffic, proxies: proxies.map(asked) };
}
