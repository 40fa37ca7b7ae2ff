import type { Connection } from '../model/report.ts';
import type { AuthorizationPolicy } from '../model/traffic-config.ts';
import type { Attempt } from './attempt.ts';
import type { Peer } from './authorization-attribute.ts';
import { type Authorization, authorize, policiesFor } from './authorization-policy.ts';
import type { Client } from './client.ts';
import type { Cluster } from './client-tls.ts';
import { doorOf, type JudgedDoor } from './door.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint } from './mesh-service.ts';
import { spiffeId } from './mesh-view.ts';
import { oncePerPair } from './once.ts';
import type { Protocol } from './protocol.ts';
import { type Passage, passage, type Sent } from './transport.ts';

export type Verdict = Pick<Connection, 'outcome' | 'wire' | 'demanded' | 'sent' | 'because'>;

type Arrival = Extract<Attempt, { kind: 'arrives' }>;

/** What becomes of one attempt, to the last policy at the server. */
export function verdictOf(attempt: Attempt, client: Client, serverIstiod: Istiod): Verdict {
  if (attempt.kind === 'stopped') return { ...nothing, because: attempt.because };
  if (attempt.kind === 'unclear') return { ...unclear, because: attempt.because };
  const { door, policies, verdict } = prospectOf(attempt, serverIstiod);
  if (verdict.outcome === 'fails' || policies.length === 0) return verdict;
  const { outcome, because } = heard(authorize(policies, peerOf(attempt, door, client)), attempt);
  const reasons = [...verdict.because, ...because];
  return { ...verdict, outcome: outcome === 'works' ? verdict.outcome : outcome, because: reasons };
}

/** A proxy asks its policies when the client's first bytes come: a server that speaks first has greeted by then. */
function heard(authorization: Authorization, { declared }: Arrival): Authorization {
  if (authorization.outcome !== 'fails' || declared !== 'banner') return authorization;
  const because = [
    ...authorization.because,
    'it is refused only after the server’s greeting, at the client’s first bytes',
  ];
  return { outcome: 'unknown', because };
}

/** How an arrival looks before anyone asks who it is: the same for all clients that share it. */
interface Prospect {
  readonly door: JudgedDoor;
  readonly policies: readonly AuthorizationPolicy[];
  readonly verdict: Verdict;
}

const prospectOf = oncePerPair((arrival: Arrival, istiod: Istiod): Prospect => {
  const { endpoint, sent, declared, because } = arrival;
  const door = doorOf(endpoint, declared, istiod);
  const passed = pass(arrival, door, istiod);
  const reasons = [...because, 'why' in passed ? `${door.by}: ${passed.why}` : door.by];
  return {
    door,
    policies: door.mode === 'NONE' ? [] : policiesFor(endpoint.pod, istiod),
    verdict: { wire: wires[sent], demanded: door.mode, sent: words[sent], outcome: passed.outcome, because: reasons },
  };
});

const nothing = { outcome: 'fails', wire: 'none', demanded: 'nothing', sent: 'nothing' } as const;
const unclear = { outcome: 'unknown', wire: 'unknown', demanded: 'unknown', sent: 'unknown' } as const;
const wires: Readonly<Record<Sent, Verdict['wire']>> = {
  plaintext: 'plaintext',
  mtls: 'mtls',
  tunnel: 'mtls',
  tls: 'tls',
  mutual: 'tls',
};
const words: Readonly<Record<Sent, string>> = {
  plaintext: 'plaintext',
  mtls: 'mTLS',
  tunnel: 'mTLS (HBONE)',
  tls: 'TLS (SIMPLE)',
  mutual: 'TLS (MUTUAL)',
};

function pass({ sent, cluster, endpoint, declared }: Arrival, door: JudgedDoor, istiod: Istiod): Passage {
  const passed = passage(sent, {
    ...door,
    ...(cluster?.publicOnly && !hintsAtTls(endpoint) && { servesTls: 'hardly' }),
  });
  const { pod } = endpoint;
  if (pod.dataPlane.mode === 'gateway') return { outcome: 'unknown', why: 'what a gateway takes in is not judged' };
  if (passed.outcome !== 'works') return passed;
  const names = sent === 'mtls' ? (cluster?.acceptedNames ?? []) : [];
  const identity = spiffeId(pod, istiod.revision.trustDomain);
  if (names.length > 0 && !names.includes(identity)) {
    return { outcome: 'fails', why: `the client accepts ${names.join(', ')} only, and the server is ${identity}` };
  }
  const doubt = mismatch(declared, cluster, door);
  return doubt === undefined ? passed : { outcome: 'unknown', why: doubt };
}

/** Whether the pod's own port says that it serves TLS: by its name, or by a number such as 443 or 8443. */
function hintsAtTls({ pod, port }: MeshEndpoint): boolean {
  const names = pod.ports.filter((one) => one.port === port).flatMap(({ name = '' }) => name.toLowerCase().split('-'));
  return names.some((word) => /^(https|tls|ssl|wss)$/.test(word)) || String(port).endsWith('443');
}

/** Where one side takes the bytes for HTTP and the other does not, it depends on what they are. */
function mismatch(declared: Protocol, cluster: Cluster | undefined, door: JudgedDoor): string | undefined {
  const target = cluster?.port.protocol ?? declared;
  if (isHttp(declared) !== isHttp(target) && isHttp(declared) !== undefined && isHttp(target) !== undefined) {
    return `the route leads from a port that carries ${declared} to one that carries ${target}`;
  }
  if (door.mode === 'NONE' || door.protocol !== 'http' || isHttp(declared) !== false) return undefined;
  return 'an older Service declares the port HTTP, so only HTTP gets through';
}

function isHttp(protocol: Protocol): boolean | undefined {
  return protocol.startsWith('auto') ? undefined : protocol === 'http';
}

function peerOf({ endpoint, sent, carries, cluster, declared }: Arrival, door: JudgedDoor, client: Client): Peer {
  const { pod, port } = endpoint;
  return {
    ...((sent === 'mtls' || sent === 'tunnel') && { identity: client.identity }),
    addresses: client.addresses,
    server: { ...(pod.ip !== undefined && { address: pod.ip }), port },
    carries: door.protocol === 'http' || (door.protocol === 'auto' && carries === 'http') ? 'http' : 'tcp',
    ...(sent === 'mtls' && cluster !== undefined && { sni: sniOf(cluster) }),
    ...(sent === 'plaintext' && declared !== 'tls' && { sni: '' }),
  };
}

/** @see istio pilot/pkg/model/push_context.go: BuildDNSSrvSubsetKey */
function sniOf({ service, port, subset = '' }: Cluster): string {
  return `outbound_.${port.number}_.${subset}_.${service.host}`;
}
