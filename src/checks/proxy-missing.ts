import { type Injection, injectionOf } from '../mesh/injection.ts';
import { defineCheck } from '../model/check.ts';
import type { ControlPlane, Namespace } from '../model/control-plane.ts';
import { ref } from '../model/finding.ts';
import { contains } from '../model/target.ts';
import type { Pod, Workload } from '../model/workload.ts';

/** Without its proxy a pod enforces no policy, and cannot send mTLS. */
const outsideTheMesh = ['mtls-connections/outsider-refused', 'mtls-policy/partly-outside', 'mtls-policy/unprotected'];

/** Pods outside the mesh in namespaces that are meant to be in it, and proxies that do not serve. */
export const proxyMissing = defineCheck({
  id: 'proxy-missing',
  title: 'Pods without their proxy',
  needs: ['controlPlane', 'namespaces', 'workloads'],
  codes: {
    'in-mesh': { severity: 'ok', one: 'has its proxy', many: 'have their proxies' },
    missing: {
      severity: 'error',
      one: 'lacks the sidecar that its labels ask for',
      many: 'lack the sidecar that their labels ask for',
      next: 'Restart it, so that its pods are injected: kubectl rollout restart.',
      explains: outsideTheMesh,
    },
    'not-captured': {
      severity: 'error',
      one: 'is not captured by ztunnel, although its labels ask for ambient mode',
      many: 'are not captured by ztunnel, although their labels ask for ambient mode',
      next: "Look at the Istio CNI agent on that pod's node: it captures pods as they start.",
      explains: outsideTheMesh,
    },
    'not-ready': {
      severity: 'warning',
      one: 'has a proxy that is not ready',
      many: 'have proxies that are not ready',
      next: "Read the proxy's log: kubectl logs POD -c istio-proxy.",
    },
    'opted-out': {
      severity: 'info',
      one: 'is kept out of the mesh on purpose',
      many: 'are kept out of the mesh on purpose',
    },
    'not-meant': {
      severity: 'info',
      one: 'is not meant to be in the mesh: nothing selects it for injection',
      many: 'are not meant to be in the mesh: nothing selects them for injection',
    },
  },
  *evaluate({ controlPlane, namespaces, workloads }, target) {
    const byName = new Map(namespaces.items.map((namespace) => [namespace.name, namespace]));
    for (const workload of workloads.filter((one) => contains(target, one))) {
      const namespace = byName.get(workload.namespace);
      const states = statesOf(workload, namespace, controlPlane);
      for (const [code, found] of Map.groupBy(states, (state) => state.code)) {
        const why = [...new Set(found.flatMap((state) => state.why ?? []))];
        const names =
          code === 'missing' || code === 'not-captured' || code === 'not-ready' ? found.map(({ pod }) => pod) : [];
        yield { code, subject: ref(workload), detail: [...why, ...names] };
      }
    }
  },
});

type Code = 'in-mesh' | 'missing' | 'not-captured' | 'not-ready' | 'opted-out' | 'not-meant';

interface State {
  readonly pod: string;
  readonly code: Code;
  readonly why?: string;
}

/** Of each pod; of the template where none runs. */
function statesOf(workload: Workload, namespace: Namespace | undefined, controlPlane: ControlPlane): readonly State[] {
  if (workload.pods.length > 0)
    return workload.pods.map((pod) => stateOf(pod, injectionOf(pod, namespace, controlPlane)));
  const injection = injectionOf(workload, namespace, controlPlane);
  const code = injection.intent === 'sidecar' || injection.intent === 'ambient' ? 'in-mesh' : outside(injection);
  return [{ pod: workload.name, code, ...(injection.intent === 'opted-out' && { why: injection.why }) }];
}

function stateOf({ name, dataPlane }: Pod, injection: Injection): State {
  if (dataPlane.mode === 'ambient') return { pod: name, code: 'in-mesh' };
  if (dataPlane.mode !== 'none') return { pod: name, code: dataPlane.ready ? 'in-mesh' : 'not-ready' };
  if (injection.intent === 'sidecar') return { pod: name, code: 'missing' };
  if (injection.intent === 'ambient') return { pod: name, code: 'not-captured' };
  return { pod: name, code: outside(injection), ...(injection.intent === 'opted-out' && { why: injection.why }) };
}

function outside({ intent }: Injection): Code {
  return intent === 'opted-out' ? 'opted-out' : 'not-meant';
}
