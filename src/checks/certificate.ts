import { membersOf, podKey } from '../mesh/mesh-view.ts';
import { defineCheck } from '../model/check.ts';
import { ref } from '../model/finding.ts';
import type { ProxyCertificates, RunningProxy, Validity } from '../model/proxy.ts';

const hour = 3_600_000;
const rootNotice = 30 * 24 * hour;

/** Whether the certificates that proxies hold are good now, and go back to one root. */
export const certificate = defineCheck({
  id: 'certificate',
  title: 'Certificates of running proxies',
  needs: ['workloads'],
  wants: ['proxies'],
  codes: {
    expired: {
      severity: 'error',
      one: 'holds a certificate that has run out',
      many: 'hold certificates that have run out',
      next: 'Restart the pod to get a new one, then find out why it was not renewed: kubectl logs POD -c istio-proxy.',
    },
    'other-root': {
      severity: 'error',
      one: 'trusts another root than the other proxies, so mTLS between them fails',
      many: 'trust another root than the other proxies, so mTLS between them fails',
      next: 'Restart those pods, so that they get the root of now. If a new root is being brought in, finish that first.',
    },
    expiring: {
      severity: 'warning',
      one: 'holds a certificate that soon runs out and was not renewed',
      many: 'hold certificates that soon run out and were not renewed',
      next: 'See why it is not renewed: kubectl logs POD -c istio-proxy, and whether istiod can be reached on port 15012.',
    },
    valid: { severity: 'ok', one: 'holds a valid certificate', many: 'hold valid certificates' },
  },
  *evaluate({ proxies: { seen }, workloads }, _target, { takenAt }) {
    const now = Date.parse(takenAt);
    const members = membersOf(workloads);
    const common = commonRoot(seen);
    for (const { namespace, pod, certificates } of seen) {
      const workload = members.get(podKey({ namespace, name: pod }))?.workload;
      if (certificates === undefined || workload === undefined) continue;
      const subject = ref(workload);
      const { own, roots } = certificates;
      const isForeign = roots.length > 0 && !roots.some(({ serial }) => serial === common);
      if (isForeign)
        yield { code: 'other-root', subject, detail: [`pod ${pod}: ${roots.map(({ serial }) => serial).join(', ')}`] };
      const code = ageOf(certificates, now);
      if (code !== 'valid') yield { code, subject, detail: [`pod ${pod}: ${untils(own, roots)}`] };
      else if (!isForeign) yield { code, subject };
    }
  },
});

/** The root that most proxies trust. */
function commonRoot(seen: readonly RunningProxy[]): string | undefined {
  const roots = seen.flatMap(({ certificates }) => certificates?.roots ?? []);
  const [most] = [...Map.groupBy(roots, ({ serial }) => serial)].toSorted(([, a], [, b]) => b.length - a.length);
  return most?.[0];
}

function ageOf({ own, roots }: ProxyCertificates, now: number): 'expired' | 'expiring' | 'valid' {
  const untilRoot = Math.max(...roots.map(({ until }) => Date.parse(until)));
  if (Date.parse(own.until) <= now || (roots.length > 0 && untilRoot <= now)) return 'expired';
  return runsOut(own, now) || (roots.length > 0 && untilRoot - now < rootNotice) ? 'expiring' : 'valid';
}

/** Proxies renew at half the lifetime, give or take. */
function runsOut({ from, until }: Validity, now: number): boolean {
  const [left, lifetime] = [Date.parse(until) - now, Date.parse(until) - Date.parse(from)];
  return left < lifetime / 5 || (left < hour && left < lifetime / 4);
}

function untils(own: Validity, roots: readonly Validity[]): string {
  return [`its own until ${own.until}`, ...roots.map(({ until }) => `its root until ${until}`)].join(', ');
}
