import type { Observed, Traffic } from '../model/observed.ts';
import type { Workload } from '../model/workload.ts';
import { countedPods } from './observed.ts';

/** Below this, a proxy has not counted for long enough to know who calls. */
const leastSeconds = 15 * 60;

/** How far back the counts reach: `in the last 15 min`. */
export function windowOf({ windowSeconds }: Observed): string {
  return windowSeconds === undefined ? 'since its proxies started' : `in the last ${windowSeconds / 60} min`;
}

/** `1204 requests and 1 TCP connection in the last 15 min`. */
export function amountOf(traffic: readonly Traffic[], observed: Observed): string {
  const parts = (['http', 'tcp'] as const).flatMap((protocol) => {
    const count = traffic.filter((one) => one.protocol === protocol).reduce((sum, one) => sum + one.count, 0);
    return count === 0
      ? []
      : [`${count} ${protocol === 'http' ? 'request' : 'TCP connection'}${count === 1 ? '' : 's'}`];
  });
  return `${parts.join(' and ')} ${windowOf(observed)}`;
}

/** Proxies that have counted only for a short while, where counts reach back to their start and no further. */
export function youngProxies(workload: Workload, observed: Observed): readonly string[] {
  if (observed.windowSeconds !== undefined) return [];
  const pods = new Set(countedPods(workload).map(({ name }) => name));
  return observed.proxies
    .filter(({ namespace, pod, scraped }) => scraped && namespace === workload.namespace && pods.has(pod))
    .filter(({ upSeconds = 0 }) => upSeconds < leastSeconds)
    .map(({ pod, upSeconds }) => `${pod} has counted for ${spanOf(upSeconds)}`);
}

/**
 * Pods that have run for less than the window, where all pods of the workload have: Prometheus reaches further back than
 * its proxies do. `takenAt`: RFC 3339. A pod that does not say how old it is, as in a file, counts as old.
 */
export function youngPods(workload: Workload, { windowSeconds = 0 }: Observed, takenAt: string): readonly string[] {
  const ages = countedPods(workload).map(({ name, createdAt }) => ({
    name,
    seconds: (Date.parse(takenAt) - Date.parse(createdAt)) / 1000,
  }));
  const areYoung = ages.every(({ seconds }) => seconds < windowSeconds);
  return areYoung ? ages.map(({ name, seconds }) => `${name} has run for ${spanOf(Math.max(0, seconds))}`) : [];
}

/** What no count tells, whoever was seen; a sentence. */
export function limitOf(observed: Observed): string {
  return `Who did not call ${windowOf(observed)} is not known, nor who holds an HTTP stream open all the while: it is counted when it ends.`;
}

function spanOf(seconds: number | undefined): string {
  return seconds === undefined ? 'a time that it does not say' : `${Math.floor(seconds / 60)} min`;
}

/** How to find out whether what was seen still happens; a clause. */
export function howToSeeAnew({ windowSeconds }: Observed): string {
  return windowSeconds === undefined
    ? 'counts go back to the start of the proxies, so set PROMETHEUS_URL to see the last minutes alone, or restart the pods and ask again 15 min later'
    : 'ask again when the window has passed';
}

/** How to let in the metrics that are missing; a sentence. */
export function howToScrape({ windowSeconds }: Observed): string {
  return windowSeconds === undefined
    ? 'Let the worker reach the metrics port of these pods (PROXY_METRICS): see whether a NetworkPolicy stands in between. What ztunnel counts, only Prometheus knows (PROMETHEUS_URL).'
    : 'Let Prometheus scrape port 15090 of these pods; on OpenShift a PodMonitor in the namespace does it.';
}
