import { byAge } from '../mesh/age.ts';
import { isNamespaceWide } from '../mesh/peer-authentication.ts';
import { selects } from '../mesh/selector.ts';
import { defineCheck, type Observation } from '../model/check.ts';
import { ref } from '../model/finding.ts';
import type { PeerAuthentication } from '../model/tls-config.ts';
import type { Service, Workload } from '../model/workload.ts';

type Code =
  | 'effective'
  | 'rival'
  | 'root-selector'
  | 'selects-nothing'
  | 'ports-without-selector'
  | 'service-port'
  | 'no-policy';

/** Policies that look as if they did something and do not. */
export const policyOverlap = defineCheck({
  id: 'policy-overlap',
  title: 'PeerAuthentications without effect',
  needs: ['controlPlane', 'peerAuthentications', 'services', 'workloads'],
  codes: {
    effective: { severity: 'ok', one: 'is in effect', many: 'are in effect' },
    'no-policy': {
      severity: 'info',
      one: 'has no PeerAuthentication: Istio accepts plaintext as well as mTLS by default',
      many: 'have no PeerAuthentication: Istio accepts plaintext as well as mTLS by default',
    },
    rival: {
      severity: 'warning',
      one: 'is ignored, because an older policy covers the same workloads',
      many: 'are ignored, because older policies cover the same workloads',
      next: 'Change the older policy, and delete this one.',
    },
    'root-selector': {
      severity: 'warning',
      one: 'has no effect, because a policy with a selector counts nowhere in the root namespace',
      many: 'have no effect, because policies with a selector count nowhere in the root namespace',
      next: 'Move it to the namespace of the workloads it means.',
    },
    'selects-nothing': {
      severity: 'warning',
      one: 'selects no workload',
      many: 'select no workload',
      next: 'Compare its selector with the labels of the pods.',
    },
    'ports-without-selector': {
      severity: 'warning',
      one: 'has rules for ports but no selector, so those rules have no effect',
      many: 'have rules for ports but no selector, so those rules have no effect',
      next: 'Give it a selector: port rules count only for the workloads that one selects.',
    },
    'service-port': {
      severity: 'warning',
      one: 'names a port of the Service, where only container ports count',
      many: 'name ports of the Service, where only container ports count',
      next: 'Name the container port (targetPort) instead.',
    },
  },
  *evaluate({ controlPlane, peerAuthentications, services, workloads }, { namespace }) {
    const roots = new Set(controlPlane.revisions.map(({ rootNamespace }) => rootNamespace));
    const inScope = peerAuthentications.filter(
      (p) => namespace === undefined || p.namespace === namespace || roots.has(p.namespace),
    );
    if (inScope.length === 0) {
      yield { code: 'no-policy' as const, subject: { kind: 'Namespace', name: namespace ?? 'every namespace' } };
    }
    for (const policy of inScope.toSorted(byAge)) {
      const own = workloads.filter((workload) => workload.namespace === policy.namespace);
      const seen = namespace === undefined || policy.namespace === namespace;
      const faults = [
        ...faultsOf(policy, inScope, roots, seen ? own : undefined),
        ...portFaults(policy, own, services),
      ];
      yield* faults.length > 0 ? faults : [{ code: 'effective' as const, subject: ref(policy) }];
    }
  },
});

/** `own` is absent where the policy's namespace was not looked into. */
function* faultsOf(
  policy: PeerAuthentication,
  policies: readonly PeerAuthentication[],
  roots: ReadonlySet<string>,
  own: readonly Workload[] | undefined,
): Iterable<Observation<Code>> {
  const older = policies.filter((one) => one.namespace === policy.namespace && byAge(one, policy) < 0);
  if (isNamespaceWide(policy)) {
    const rival = older.find(isNamespaceWide);
    if (rival !== undefined) yield { code: 'rival', subject: ref(policy), because: [ref(rival)] };
    if (Object.keys(policy.portModes).length > 0) yield { code: 'ports-without-selector', subject: ref(policy) };
    return;
  }
  if (roots.has(policy.namespace)) return yield { code: 'root-selector', subject: ref(policy) };
  if (own === undefined) return;
  const selected = own.filter((workload) => selectsAny(policy, workload));
  if (selected.length === 0) return yield { code: 'selects-nothing', subject: ref(policy) };
  const rivals = older.filter((one) => !isNamespaceWide(one) && selected.some((workload) => selectsAny(one, workload)));
  if (rivals.length === 0) return;
  const shared = selected.filter((workload) => rivals.some((one) => selectsAny(one, workload)));
  yield {
    code: 'rival',
    subject: ref(policy),
    because: rivals.map(ref),
    detail: shared.map(({ name }) => `for ${name}`),
  };
}

/** A port that is a Service's own but no container's: the usual slip. */
function* portFaults(
  policy: PeerAuthentication,
  own: readonly Workload[],
  services: readonly Service[],
): Iterable<Observation<Code>> {
  if (isNamespaceWide(policy)) return;
  const selected = own.filter((workload) => selectsAny(policy, workload));
  const behind = services.filter(
    (service) =>
      service.namespace === policy.namespace &&
      selected.some((w) => Object.keys(service.selector).length > 0 && selects(service.selector, w.labels)),
  );
  const served = new Set([
    ...selected.flatMap(({ ports, pods }) => [...ports, ...pods.flatMap((pod) => pod.ports)]).map(({ port }) => port),
    ...behind.flatMap(({ endpoints }) => endpoints.flatMap(({ ports }) => ports.map(({ port }) => port))),
  ]);
  for (const port of Object.keys(policy.portModes).map(Number)) {
    const service = behind.find(({ ports }) => ports.some((one) => one.port === port));
    if (service === undefined || served.has(port)) continue;
    yield {
      code: 'service-port',
      subject: ref(policy),
      because: [ref({ kind: 'Service', ...service })],
      detail: [`port ${port}`],
    };
  }
}

function selectsAny(policy: PeerAuthentication, { labels, pods }: Workload): boolean {
  return pods.length > 0 ? pods.some((pod) => selects(policy.selector, pod.labels)) : selects(policy.selector, labels);
}
