import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { answer } from '../../src/jobs/answer.ts';

/**
 * `answers.ts NAMESPACES TIMES`: asks so often about the first of the namespaces with callers in the others, and prints
 * what that took. The running proxies are left out: generated pods have none.
 */

const [namespaces = '', times = '1'] = process.argv.slice(2);
const [namespace = '', ...from] = namespaces.split(',');
const cluster = await liveCluster();
const target = { cluster: cluster.name, namespace, ...(from.length > 0 && { from }) };
const takenMs: number[] = [];
const heapMb: number[] = [];
const rssMb: number[] = [];
const every = Math.max(1, Math.floor(Number(times) / 10));
let verdict = '';
let missing: readonly string[] = [];

for (let time = 1; time <= Number(times); time += 1) {
  const begun = performance.now();
  const { report } = await answer({ topic: 'mtls', target }, { cluster }, { deadlineMs: 120_000 });
  takenMs.push(performance.now() - begun);
  verdict = report.verdict;
  missing = report.coverage.filter(({ status }) => status === 'missing').map(({ kind }) => kind);
  if (time % every === 0) {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    heapMb.push(heapUsed / 2 ** 20);
    rssMb.push(rss / 2 ** 20);
  }
}
await cluster.close();
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ takenMs, heapMb, rssMb, peakMb, verdict, missing }));
