import { clusterPlace } from '../mesh/cluster-place.ts';
import { describeEndpoints, describeInbound, describeOutbound } from '../mesh/difference-words.ts';
import { type ComparedProxy, compareProxies } from '../mesh/proxy-difference.ts';
import { recentChanges } from '../mesh/recent.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { ref } from '../model/finding.ts';

/** Whether running proxies have what the objects foretell: one that has not is stale, or still taking a change. */
export const proxyConfig = defineCheck({
  id: 'proxy-config',
  title: 'What running proxies have',
  needs: viewKinds,
  wants: ['proxies'],
  codes: {
    stale: {
      severity: 'warning',
      one: 'runs with another mTLS mode than its policy says',
      many: 'run with another mTLS mode than their policies say',
      next: 'Ask again in a minute. If it stays so, see whether istiod reaches the proxy (istioctl proxy-status POD), and look for an EnvoyFilter.',
      // What is foretold of calls to a workload rests on a mode that this proxy does not have.
      explains: ['mtls-observed/contradicts'],
    },
    'other-rule': {
      severity: 'warning',
      one: 'opens connections to {to} otherwise than the rules say',
      many: 'open connections to {to} otherwise than the rules say',
      next: 'Ask again in a minute. If it stays so, compare: istioctl proxy-status POD; any change of a PeerAuthentication there makes istiod push again.',
    },
    'endpoint-differs': {
      severity: 'warning',
      one: 'sends something else to endpoints of {to} than policies and rules say',
      many: 'send something else to endpoints of {to} than policies and rules say',
      next: 'Ask again in a minute. If it stays so, compare: istioctl proxy-config endpoints POD -o json (tlsMode); any change of a PeerAuthentication there makes istiod push again.',
    },
    warming: {
      severity: 'unknown',
      one: 'is still taking a change for {to}: calls go the old way',
      many: 'are still taking a change for {to}: calls go the old way',
      next: 'Ask again in a minute. If it stays so, istiod owes the proxy its endpoints: restart the pod, or look at istioctl proxy-status POD.',
    },
    'catching-up': {
      severity: 'unknown',
      one: 'does not yet have what changed in the last minute',
      many: 'do not yet have what changed in the last minute',
      next: 'Ask again in a minute.',
    },
    'in-step': { severity: 'ok', one: 'runs with what the objects say', many: 'run with what the objects say' },
  },
  *evaluate(view, target, { takenAt }) {
    const isSettling = recentChanges(view, target, takenAt).length > 0;
    const compared = compareProxies(view, view.proxies, target);
    for (const [workload, all] of Map.groupBy(compared, (one) => one.workload)) {
      const subject = ref(workload);
      for (const one of all) {
        const { pod } = one.proxy;
        for (const cluster of one.warming)
          yield { code: 'warming', subject, to: clusterPlace(cluster, target.namespace) };
        const found = [
          ...one.inbound.map((it) => ({ code: 'stale' as const, ...describeInbound(it, pod) })),
          ...one.outbound.map((it) => ({ code: 'other-rule' as const, ...describeOutbound(it, pod, target) })),
          ...one.endpoints.map((it) => ({ code: 'endpoint-differs' as const, ...describeEndpoints(it, pod, target) })),
        ];
        for (const { because, detail, ...rest } of found)
          yield { ...(isSettling ? { code: 'catching-up' } : rest), subject, because, detail };
      }
      if (all.every(isClean) && all.some((one) => one.compared > 0)) yield { code: 'in-step', subject };
    }
  },
});

function isClean({ inbound, outbound, endpoints, warming }: ComparedProxy): boolean {
  return [inbound, outbound, endpoints, warming].every(({ length }) => length === 0);
}
