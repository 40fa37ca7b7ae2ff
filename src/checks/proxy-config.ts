import { clusterPlace } from '../mesh/cluster-place.ts';
import { compareProxies, type InboundDifference, type OutboundDifference } from '../mesh/proxy-difference.ts';
import { recentChanges } from '../mesh/recent.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { describeRef, ref } from '../model/finding.ts';

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
    },
    'other-rule': {
      severity: 'warning',
      one: 'opens connections to {to} otherwise than the rules say',
      many: 'open connections to {to} otherwise than the rules say',
      next: 'Ask again in a minute. If it stays so, compare: istioctl proxy-status POD; any change of a PeerAuthentication there makes istiod push again.',
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
      for (const { proxy, inbound, outbound, warming } of all) {
        for (const one of warming) yield { code: 'warming', subject, to: clusterPlace(one, target.namespace) };
        for (const one of inbound)
          yield { code: isSettling ? 'catching-up' : 'stale', subject, ...inboundOf(one, proxy.pod) };
        for (const one of outbound) {
          const to = clusterPlace(one.cluster, target.namespace);
          const particulars = outboundOf(one, proxy.pod);
          yield isSettling
            ? { code: 'catching-up', subject, ...particulars }
            : { code: 'other-rule', subject, to, ...particulars };
        }
      }
      const clean = all.every((one) => one.inbound.length + one.outbound.length + one.warming.length === 0);
      if (clean && all.some((one) => one.compared > 0)) yield { code: 'in-step', subject };
    }
  },
});

function inboundOf({ port, runs, foretold, decidedBy }: InboundDifference, pod: string) {
  const where = port === undefined ? 'other ports' : `port ${port}`;
  return {
    because: decidedBy === undefined ? [] : [ref(decidedBy)],
    detail: [`pod ${pod}, ${where}: ${runs}, not ${foretold}`],
  };
}

function outboundOf({ cluster: { opens, rule, ...name }, foretold, rules }: OutboundDifference, pod: string) {
  const by =
    rule === undefined ? 'without a DestinationRule' : `by ${describeRef({ kind: 'DestinationRule', ...rule })}`;
  const place = clusterPlace(name, undefined);
  const meant = foretold === 'none' ? 'no such subset' : foretold;
  return { because: rules.map(ref), detail: [`pod ${pod} to ${place}: ${opens} ${by}, not ${meant}`] };
}
