import { setTimeout as sleep } from 'node:timers/promises';
import { sourcesOf } from '../src/clients/kubernetes/proxy-source.ts';
import { answer } from '../src/jobs/answer.ts';
import { type Bench, figure } from './measure/bench.ts';
import { clusterEnv, noCluster, openCluster } from './measure/cluster.ts';
import { cluster as name, type OurApp, startOurs } from './measure/slack-apps.ts';
import { median, quantile, timed } from './measure/statistics.ts';
import { bareLists } from './mesh/bare-lists.ts';

export const verdict: Bench = {
  about: '/mesh mtls bookinfo, from the command to the verdict in the channel, with the word of the running proxies',
  async run({ quick }) {
    const [cluster, env] = [await openCluster(), clusterEnv()];
    if (cluster === undefined || env === undefined) return { skipped: noCluster };
    const question = { topic: 'mtls', target: { cluster: name, namespace: 'bookinfo' } };
    const download = await bareLists(cluster, question);
    const ours = await startOurs();
    await ours.startWorker(env);
    const taken = { slack: [] as number[], alone: [] as number[], bare: [] as number[] };
    const [warmUp, rounds] = quick ? [1, 3] : [3, 25];
    for (let round = 0; round < warmUp + rounds; round += 1) {
      const [slack, alone, bare] = [
        await ask(ours),
        await timed(() => answer(question, sourcesOf(cluster))),
        await timed(download),
      ];
      if (round < warmUp) continue;
      taken.slack.push(slack);
      taken.alone.push(alone);
      taken.bare.push(bare);
    }
    const bare = median(taken.bare);
    const note = 'against a bare download of the same lists';
    return {
      figures: [
        figure(`command to verdict, p50 of ${rounds}`, {
          unit: 'ms',
          ours: median(taken.slack),
          bare,
          atMost: 1000,
          note,
        }),
        figure(`command to verdict, p90 of ${rounds}`, { unit: 'ms', ours: quantile(taken.slack, 0.9), bare }),
        figure('of it evidence and checks, p50', { unit: 'ms', ours: median(taken.alone), bare }),
      ],
    };
  },
};

/** Types the command and waits for the verdict, in ms. The evidence may follow; the next question waits for it. */
async function ask({ slack }: OurApp): Promise<number> {
  const before = slack.messages('mesh').at(-1);
  const begun = performance.now();
  const { ok, error } = await slack.as('ana').in('mesh').slash('/mesh mtls bookinfo');
  if (!ok) throw new Error(`The command was not acknowledged: ${error}`);
  const message = await slack.waitForMessage({
    channel: 'mesh',
    from: 'bot',
    thread: 'none',
    timeoutMs: 30_000,
    matching: ({ blocks }) => JSON.stringify(blocks).includes('ask-again'),
    ...(before !== undefined && { after: before }),
  });
  const ms = performance.now() - begun;
  if (/could not look/.test(message.plain)) throw new Error(message.plain);
  await slack.waitUntil(() => message.replies().length > 0);
  await sleep(100);
  return ms;
}
