import type { ControlPlane } from '../model/control-plane.ts';
import { type Ref, ref } from '../model/finding.ts';
import type { Demand } from '../model/report.ts';
import type { MtlsMode, PeerAuthentication } from '../model/tls-config.ts';
import type { Pod, Workload } from '../model/workload.ts';
import { revisionOf } from './injection.ts';
import { type EffectiveMtls, effectiveMtls } from './peer-authentication.ts';

const weakestFirst: readonly Demand['mode'][] = ['NONE', 'DISABLE', 'PERMISSIVE', 'STRICT'];

/**
 * What a workload demands of its callers, by policy: one entry for all ports, and one for each port with a rule of
 * its own. Where its pods differ, the weakest counts. Gateways demand what their Gateway says, so they have none.
 */
export function demandsOf(
  workload: Workload,
  policies: readonly PeerAuthentication[],
  controlPlane: ControlPlane,
): readonly Demand[] {
  const inMesh = workload.pods.filter(({ dataPlane: { mode } }) => mode === 'sidecar' || mode === 'ambient');
  const outside = workload.pods.filter(({ dataPlane: { mode } }) => mode === 'none').map(({ name }) => name);
  const common = { workload: ref(workload), outside };
  if (workload.pods.length > 0 && inMesh.length === 0) {
    return outside.length === 0 ? [] : [{ ...common, mode: 'NONE', decidedBy: [] }];
  }
  const effects =
    inMesh.length > 0
      ? inMesh.map((pod) => effectOn(pod, policies, controlPlane))
      : [ofTemplate(workload, policies, controlPlane)];
  const ports = [...new Set(effects.flatMap(({ exceptions }) => exceptions.map(({ port }) => port)))].toSorted(
    (a, b) => a - b,
  );
  return [
    { ...common, ...weakest(effects) },
    ...ports.map((port) => ({ ...common, port, ...weakest(effects.map((effect) => atPort(effect, port))) })),
  ];
}

function effectOn(pod: Pod, policies: readonly PeerAuthentication[], controlPlane: ControlPlane): EffectiveMtls {
  const effect = effectOf(pod, pod.revision, policies, controlPlane);
  return pod.dataPlane.mode === 'ambient' ? asZtunnel(effect) : effect;
}

function ofTemplate(
  workload: Workload,
  policies: readonly PeerAuthentication[],
  controlPlane: ControlPlane,
): EffectiveMtls {
  return effectOf(workload, workload.labels['istio.io/rev'], policies, controlPlane);
}

/** Several istiods may have different root namespaces; one we do not know leaves the built-in default. */
function effectOf(
  subject: Pick<Pod, 'namespace' | 'labels'>,
  revision: string | undefined,
  policies: readonly PeerAuthentication[],
  controlPlane: ControlPlane,
): EffectiveMtls {
  const istiod = revisionOf(revision, controlPlane) ?? controlPlane.revisions[0];
  const heard = policies.filter((policy) => policy.revision === undefined || policy.revision === istiod?.name);
  return effectiveMtls(subject, heard, istiod?.rootNamespace ?? 'istio-system');
}

/** ztunnel knows no DISABLE: it takes plaintext as well as mTLS. @see istio architecture/ambient/peer-authentication.md */
function asZtunnel({ mode, decidedBy, exceptions }: EffectiveMtls): EffectiveMtls {
  const soften = (one: MtlsMode) => (one === 'DISABLE' ? 'PERMISSIVE' : one);
  return { mode: soften(mode), decidedBy, exceptions: exceptions.map((e) => ({ ...e, mode: soften(e.mode) })) };
}

function atPort(
  { mode, decidedBy, exceptions }: EffectiveMtls,
  port: number,
): Pick<EffectiveMtls, 'mode' | 'decidedBy'> {
  const own = exceptions.find((exception) => exception.port === port);
  return own === undefined ? { mode, decidedBy } : { mode: own.mode, decidedBy: [own.decidedBy] };
}

function weakest(effects: readonly Pick<EffectiveMtls, 'mode' | 'decidedBy'>[]): {
  mode: MtlsMode;
  decidedBy: readonly Ref[];
} {
  const [first] = effects.toSorted((a, b) => weakestFirst.indexOf(a.mode) - weakestFirst.indexOf(b.mode));
  return { mode: first?.mode ?? 'PERMISSIVE', decidedBy: (first?.decidedBy ?? []).map(ref) };
}
