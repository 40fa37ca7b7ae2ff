import { describeRef } from '../model/finding.ts';
import type { ClientTls } from '../model/tls-config.ts';
import type { MergedRule } from './destination-rule.ts';
import type { Istiod } from './istiod.ts';
import type { MeshEndpoint, MeshPort, MeshService } from './mesh-service.ts';
import { podKey, spiffeId } from './mesh-view.ts';
import { kept, oncePerPair } from './once.ts';
import { modeAt, mtlsOf, namespaceMtls } from './peer-authentication.ts';
import { clusterPolicy, endpointTlsMode, subsetOf } from './traffic-policy.ts';
import type { Sent } from './transport.ts';

/** What a client's proxy has set up for one port of a Service, or for a subset of it. */
export interface Cluster {
  readonly service: MeshService;
  readonly port: MeshPort;
  readonly subset?: string;
  /** The DestinationRule that the client uses. */
  readonly rule?: MergedRule;
  /** `auto`: each endpoint decides. */
  readonly socket: Sent | 'auto';
  /** The client's own choice of address stands: the proxy balances nothing. */
  readonly originalAddress: boolean;
  /** Whom the client accepts as server: what its rule says, else the identities of the Service's own pods. */
  readonly acceptedNames: readonly string[];
  /** Only a certificate of a public authority is taken, and none of the client's own is offered. */
  readonly publicOnly: boolean;
  readonly because: readonly string[];
}

type Target = Pick<Cluster, 'service' | 'port' | 'subset' | 'rule'>;

/** The cluster for a port or a subset: one for all clients that use the same rule. */
export function clusterFor(target: Target, isGateway: boolean, istiod: Istiod): Cluster {
  const clusters = clustersOf(target.rule ?? istiod, target.port);
  return kept(clusters, `${isGateway} ${target.subset}`, () => buildCluster(target, isGateway, istiod));
}

const clustersOf = oncePerPair((_owner: MergedRule | Istiod, _port: MeshPort) => new Map<string, Cluster>());

/** @see istio pilot/pkg/networking/core/cluster_tls.go: buildUpstreamTLSSettings, applyUpstreamTLSSettings */
function buildCluster(target: Target, isGateway: boolean, istiod: Istiod): Cluster {
  const { service, port, subset, rule } = target;
  const { tls, loadBalancer } = clusterPolicy(rule, port.number, subset);
  const originalAddress = (service.keepsAddress && !isGateway) || loadBalancer === 'PASSTHROUGH';
  const names = tls?.subjectAltNames ?? [];
  const acceptedNames = names.length > 0 ? names : identitiesBehind(port, istiod);
  const publicOnly = tls !== undefined && takesPublicOnly(tls, istiod);
  const cluster = { ...target, originalAddress, acceptedNames, publicOnly };
  if (tls !== undefined)
    return { ...cluster, socket: socketOf(tls, rule, isGateway), because: [explicit(target, tls)] };
  const off = autoMtlsOff(target, istiod);
  if (off !== undefined) return { ...cluster, socket: 'plaintext', because: [off] };
  if (!originalAddress) return { ...cluster, socket: 'auto', because: [] };
  return {
    ...cluster,
    socket: 'mtls',
    because: [`auto mTLS covers all of ${service.host}: its addresses are the pods’ own`],
  };
}

/** @see istio pilot/pkg/model/push_context.go: ServiceAccounts */
function identitiesBehind({ endpoints }: MeshPort, { revision }: Istiod): readonly string[] {
  return [...new Set(endpoints.map(({ pod }) => spiffeId(pod, revision.trustDomain)))];
}

/** How the client’s proxy opens a connection to one endpoint. */
export function sentTo(
  endpoint: MeshEndpoint,
  cluster: Cluster,
  istiod: Istiod,
): { sent: Sent; because: readonly string[] } {
  if (cluster.socket !== 'auto') return { sent: cluster.socket, because: cluster.because };
  const { pod, port, tlsMode } = endpoint;
  if (tlsMode !== 'istio')
    return { sent: 'plaintext', because: [`${unmarked(endpoint)}, so auto mTLS sends it plaintext`] };
  const marked = endpointTlsMode(cluster.rule, cluster.port.number, cluster.subset);
  if (marked !== undefined)
    return { sent: marked === 'ISTIO_MUTUAL' ? 'mtls' : 'plaintext', because: [markedBy(cluster, marked)] };
  const { mode, decidedBy } = modeAt(mtlsOf(pod, istiod.peerAuthentications), port);
  if (mode !== 'DISABLE') return { sent: 'mtls', because: ['auto mTLS'] };
  const policy = decidedBy === undefined ? 'its policy' : describeRef(decidedBy);
  return { sent: 'plaintext', because: [`${policy} (DISABLE) makes auto mTLS send plaintext to port ${port}`] };
}

function socketOf({ mode, credentialName }: ClientTls, rule: MergedRule | undefined, isGateway: boolean): Sent {
  if (mode === 'DISABLE') return 'plaintext';
  if (mode === 'ISTIO_MUTUAL') return 'mtls';
  // A sidecar is not given Secrets of a rule that is for everybody, and then opens no TLS at all.
  if (credentialName !== undefined && !isGateway && rule?.workloadSelector === undefined) return 'plaintext';
  return mode === 'SIMPLE' ? 'tls' : 'mutual';
}

/**
 * Istio 1.21 and later verify by the proxy's own authorities where the rule names none; OpenShift Service Mesh 2, of
 * Istio 1.20, does not verify then.
 *
 * @see istio pilot/pkg/networking/core/cluster_tls.go: constructUpstreamTLS
 */
function takesPublicOnly(tls: ClientTls, istiod: Istiod): boolean {
  const { mode, credentialName, caCertificates, insecureSkipVerify, sni, subjectAltNames = [] } = tls;
  const namesNone = credentialName === undefined && [undefined, 'system'].includes(caCertificates);
  // Whoever names the server's certificate knows that it has one.
  const knowsOne = sni !== undefined || subjectAltNames.length > 0;
  return (
    mode === 'SIMPLE' && namesNone && !knowsOne && insecureSkipVerify !== true && istiod.revision.flavour !== 'ossm2'
  );
}

/** Why auto mTLS is off for the whole cluster, if it is. @see istio push_context.go: BestEffortInferServiceMTLSMode */
function autoMtlsOff({ service, port, subset, rule }: Target, istiod: Istiod): string | undefined {
  if (service.external) return `${service.host} is MESH_EXTERNAL by its ServiceEntry, and there auto mTLS is off`;
  if (!istiod.revision.enableAutoMtls) return 'enableAutoMtls is false in the mesh configuration';
  const policy = subset !== undefined && rule ? subsetOf(rule, subset)?.trafficPolicy : rule?.trafficPolicy;
  if (service.keepsAddress || policy?.loadBalancer === 'PASSTHROUGH') {
    const bare = port.ready.find(({ tlsMode }) => tlsMode === undefined || tlsMode === 'disabled');
    if (bare !== undefined) return `${unmarked(bare)}, and one such pod turns auto mTLS off for all of ${service.host}`;
    if (port.ready.length === 0) return `${service.host} has no ready endpoint, so auto mTLS is off`;
  }
  const { mode, decidedBy } = namespaceMtls(service.namespace, istiod.peerAuthentications);
  if (mode !== 'DISABLE' || decidedBy === undefined) return undefined;
  return `${describeRef(decidedBy)} (DISABLE) turns auto mTLS off for calls to ${service.namespace}`;
}

/** Why a client takes an endpoint for one without a proxy. */
function unmarked({ pod, tlsMode }: MeshEndpoint): string {
  const name = `pod ${podKey(pod)}`;
  if (tlsMode !== undefined) return `${name} has the label security.istio.io/tlsMode=${tlsMode}`;
  return pod.dataPlane.mode === 'sidecar' ? `nothing tells clients that ${name} has a proxy` : `${name} has no proxy`;
}

function explicit({ service, port, subset, rule }: Target, { mode }: ClientTls): string {
  const at = rule?.trafficPolicy?.ports.some((entry) => entry.port === port.number) ? ` port ${port.number}` : '';
  const of = subset === undefined ? '' : ` subset ${subset}`;
  return `${ruleName(rule, subset)} sets TLS to ${mode} for ${service.host}${at}${of}`;
}

function markedBy({ rule, port, subset }: Cluster, mode: ClientTls['mode']): string {
  return `${ruleName(rule, subset)} has an entry for port ${port.number} without tls, and its ${mode} above that still decides for each endpoint`;
}

/** Of rules that were merged, the one that says it. */
function ruleName(rule: MergedRule | undefined, subset: string | undefined): string {
  if (rule === undefined) return 'a DestinationRule';
  const owner = rule.from.find(({ subsets }) =>
    subsets.some(({ name, trafficPolicy }) => name === subset && trafficPolicy?.tls),
  );
  return describeRef(owner ?? rule.policyFrom);
}
