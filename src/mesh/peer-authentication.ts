import type { MtlsMode, PeerAuthentication } from '../model/tls-config.ts';
import type { Pod } from '../model/workload.ts';
import { byAge } from './age.ts';
import { selects } from './selector.ts';

export interface EffectiveMtls {
  readonly mode: MtlsMode;
  /** The policy that set `mode`; empty where it is the mesh's built-in default. */
  readonly decidedBy: readonly PeerAuthentication[];
  /** Container ports with a mode of their own. */
  readonly exceptions: readonly {
    readonly port: number;
    readonly mode: MtlsMode;
    readonly decidedBy: PeerAuthentication;
  }[];
}

/** A mode, and the policy behind it; none where it is the mesh's built-in default. */
export interface ModeSource {
  readonly mode: MtlsMode;
  readonly decidedBy?: PeerAuthentication;
}

/** The policies that can count at all, by namespace and oldest first. */
export interface PeerAuthentications {
  readonly rootNamespace: string;
  readonly byNamespace: ReadonlyMap<string, readonly PeerAuthentication[]>;
}

type Subject = Pick<Pod, 'namespace' | 'labels'>;

export function indexPeerAuthentications(
  policies: readonly PeerAuthentication[],
  rootNamespace: string,
): PeerAuthentications {
  return { rootNamespace, byNamespace: Map.groupBy(policies.toSorted(byAge), ({ namespace }) => namespace) };
}

/**
 * Works out what istiod enforces on a workload: its own policy, else its namespace's, else the mesh's, else
 * PERMISSIVE. In one scope the oldest policy wins and the others count for nothing. A policy with a selector in the
 * root namespace counts nowhere, and ports are read from the workload's own policy only.
 *
 * @see istio pilot/pkg/security/authn/policy_applier.go: ComposePeerAuthentication
 */
export function effectiveMtls(
  subject: Subject,
  policies: readonly PeerAuthentication[],
  rootNamespace: string,
): EffectiveMtls {
  return mtlsOf(subject, indexPeerAuthentications(policies, rootNamespace));
}

/** {@link effectiveMtls} for many subjects of one mesh. */
export function mtlsOf(subject: Subject, policies: PeerAuthentications): EffectiveMtls {
  const own = ownPolicy(subject, policies);
  const { mode, decidedBy } =
    own?.mode === undefined ? namespaceMtls(subject.namespace, policies) : decided(own, own.mode);
  return {
    mode,
    decidedBy: decidedBy === undefined ? [] : [decidedBy],
    exceptions: own === undefined ? [] : portExceptions(own, mode),
  };
}

/** The mode at one container port. */
export function modeAt({ mode, decidedBy, exceptions }: EffectiveMtls, port: number): ModeSource {
  const own = exceptions.find((exception) => exception.port === port);
  return own ?? { mode, ...(decidedBy[0] !== undefined && { decidedBy: decidedBy[0] }) };
}

/**
 * What the namespace's policy says, else the mesh's. This, and no policy of a workload or a port, is all that auto
 * mTLS of a client looks at before it sets up a Service's cluster.
 *
 * @see istio pilot/pkg/model/authentication.go: GetNamespaceMutualTLSMode
 */
export function namespaceMtls(namespace: string, policies: PeerAuthentications): ModeSource {
  const decider = [namespace, policies.rootNamespace]
    .map((one) => policies.byNamespace.get(one)?.find(isNamespaceWide))
    .find((policy) => policy?.mode !== undefined);
  return decider?.mode === undefined ? { mode: 'PERMISSIVE' } : decided(decider, decider.mode);
}

function ownPolicy({ namespace, labels }: Subject, { rootNamespace, byNamespace }: PeerAuthentications) {
  if (namespace === rootNamespace) return undefined;
  return byNamespace.get(namespace)?.find((policy) => !isNamespaceWide(policy) && selects(policy.selector, labels));
}

function decided(decidedBy: PeerAuthentication, mode: MtlsMode): ModeSource {
  return { mode, decidedBy };
}

function portExceptions(policy: PeerAuthentication, workloadMode: MtlsMode): EffectiveMtls['exceptions'] {
  return Object.entries(policy.portModes)
    .map(([port, mode]) => ({ port: Number(port), mode: mode ?? workloadMode, decidedBy: policy }))
    .filter(({ mode }) => mode !== workloadMode);
}

export function isNamespaceWide({ selector }: PeerAuthentication): boolean {
  return Object.keys(selector).length === 0;
}
