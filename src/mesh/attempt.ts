import { describeRef } from '../model/finding.ts';
import type { ServiceEntry } from '../model/service-entry.ts';
import type { Cluster } from './client-tls.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import type { Protocol } from './protocol.ts';
import type { Sent } from './transport.ts';

/** One thing that a call may come to on the client's side. */
export type Attempt =
  | {
      readonly kind: 'arrives';
      readonly endpoint: MeshEndpoint;
      readonly sent: Sent;
      /** What the application sends. */
      readonly carries: 'http' | 'tcp';
      readonly declared: Protocol;
      readonly cluster?: Cluster;
      readonly because: readonly string[];
    }
  /** Nothing leaves the client. */
  | { readonly kind: 'stopped'; readonly because: readonly string[] }
  /** Nothing can be said of it. */
  | { readonly kind: 'unclear'; readonly because: readonly string[] };

export type Carries = 'http' | 'tls' | 'tcp';

/** A proxy that detects the protocol may be given either. */
export function carriedBy(protocol: Protocol): readonly Carries[] {
  if (protocol === 'auto') return ['http', 'tcp'];
  return protocol === 'http' || protocol === 'tls' ? [protocol] : ['tcp'];
}

export type Opening = Pick<Extract<Attempt, { kind: 'arrives' }>, 'endpoint' | 'sent' | 'because' | 'cluster'>;

/** At the address that was dialled: a headless Service's are those of its pods, with the Service's port. */
export function arrivals(
  { host, headless }: MeshService,
  { number, protocol: declared }: MeshPort,
  endpoints: readonly MeshEndpoint[],
  carries: Carries,
  open: (endpoint: MeshEndpoint) => Opening,
): readonly Attempt[] {
  if (endpoints.length === 0) return [stopped(`${host} has no ready endpoint at port ${number}`)];
  return endpoints.map((endpoint) => {
    if (headless && endpoint.port !== number) return missed(endpoint, number);
    return { kind: 'arrives', carries: carries === 'http' ? 'http' : 'tcp', declared, ...open(endpoint) };
  });
}

function missed({ pod, port }: MeshEndpoint, dialled: number): Attempt {
  return stopped(
    `headless: calls go to port ${dialled} of pod ${pod.namespace}/${pod.name}, but the server listens on ${port}`,
  );
}

export function elsewhere(host: string, entry: ServiceEntry): Attempt {
  return { kind: 'unclear', because: [`${describeRef(entry)} says where ${host} is, and that is not judged`] };
}

export function stopped(why: string): Attempt {
  return { kind: 'stopped', because: [why] };
}
