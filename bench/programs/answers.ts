import { setTimeout as sleep } from 'node:timers/promises';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { answer } from '../../src/jobs/answer.ts';

/**
 * `answers.ts NAMESPACES TIMES [settle]`: asks so often about the first of the namespaces with callers in the others, and
 * prints what that took. The running proxies are left out: generated pods have none. With `settle`, also what it holds
 * after a fifth of the answers and after all of them, once their deadlines have passed: until then, timers hold on to them.
 */

const [namespaces = '', times = '1', settle] = process.argv.slice(2);
const [namespace = '', ...from] = namespaces.split(',');
const deadlineMs = settle === undefined ? 120_000 : 20_000;
const cluster = await liveCluster({ deadlineMs });
const target = { cluster: cluster.name, namespace, ...(from.length > 0 && { from }) };
const held: { readonly heapMb: number; readonly rssMb: number }[] = [];
let missing: readonly string[] = [];

for (let time = 1; time <= Number(times); time += 1) {
  const { report } = await answer({ topic: 'mtls', target }, { cluster }, { deadlineMs });
  missing = report.coverage.filter(({ status }) => status === 'missing').map(({ kind }) => kind);
  if (settle !== undefined && [Number(times) / 5, Number(times)].includes(time)) held.push(await settled());
}
await cluster.close();
process.stdout.write(JSON.stringify({ held, peakMb: process.resourceUsage().maxRSS / 1024, missing }));

async function settled() {
  await sleep(deadlineMs + 2_000);
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 2 ** 20, rssMb: rss / 2 ** 20 };
}
