import type { RouteDestination, VirtualService } from '../model/traffic-config.ts';
import type { Labels } from '../model/workload.ts';
import { fullHost } from './hosts.ts';
import { selects } from './selector.ts';

/** One way that a request may take. Several are possible where the request itself decides. */
export interface RouteOption {
  /** `answered`: by the client's own proxy. `unmatched`: no route takes the request, so it fails. */
  readonly kind: 'forwarded' | 'answered' | 'unmatched' | 'delegated';
  readonly destinations: readonly Destination[];
  /** The VirtualService that says so; absent where there is none for the host. */
  readonly by?: VirtualService;
  /** Parts of the request that decide whether it goes this way; empty: all that came this far do. */
  readonly when: readonly string[];
  /** Requests that the client's proxy fails on purpose, in percent. */
  readonly aborted: number;
}

export interface Destination {
  readonly host: string;
  readonly port: number;
  /** Whether `port` is only the port that was dialled. */
  readonly portAssumed: boolean;
  readonly subset?: string;
}

/** What is dialled, and by whom. */
export interface Call {
  readonly client: { readonly namespace: string; readonly labels: Labels };
  readonly host: string;
  readonly port: number;
  readonly clusterDomain: string;
}

/** Whether a match for some clients is for this one. */
export function isFrom({ client }: Call, labels: Labels, namespace: string | undefined): boolean {
  return selects(labels, client.labels) && (namespace ?? client.namespace) === client.namespace;
}

/** Nothing counts after a route that takes all that is left. */
export function untilCertain(options: readonly RouteOption[], last: RouteOption): readonly RouteOption[] {
  const end = options.findIndex(({ when }) => when.length === 0);
  return end >= 0 ? options.slice(0, end + 1) : [...options, last];
}

/** A destination without weight among others gets nothing. */
export function destinationsOf(
  routes: readonly RouteDestination[],
  by: VirtualService,
  call: Call,
): readonly Destination[] {
  return routes
    .filter(({ weight }) => weight > 0 || routes.length === 1)
    .map(({ host, port, subset }) => ({
      host: fullHost(host, by.namespace, call.clusterDomain),
      port: port ?? call.port,
      portAssumed: port === undefined,
      ...(subset !== undefined && { subset }),
    }));
}

/** In full, as calls are looked up. */
export function hostsOf({ hosts, namespace }: VirtualService, clusterDomain: string): readonly string[] {
  return hosts.map((host) => fullHost(host, namespace, clusterDomain).toLowerCase());
}

/** No VirtualService in the way. */
export function straight({ host, port }: Call): RouteOption {
  return forwarded({ destinations: [{ host, port, portAssumed: false }] });
}

export function unmatched(by: VirtualService): RouteOption {
  return forwarded({ kind: 'unmatched', by });
}

export function forwarded(option: Partial<RouteOption>): RouteOption {
  return { kind: 'forwarded', destinations: [], when: [], aborted: 0, ...option };
}
