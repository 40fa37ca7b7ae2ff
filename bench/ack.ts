import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { workerKeys } from '../src/jobs/queue.ts';
import { type Bench, type Figure, figure } from './measure/bench.ts';
import { cluster, type OurApp, type SlackApp, startEcho, startOurs } from './measure/slack-apps.ts';
import { quantile } from './measure/statistics.ts';

const goalTimes = 3;

export const ack: Bench = {
  about: 'a slash command until it is acknowledged, against a Bolt app that only says it back',
  async run({ quick }) {
    const [ours, bare] = [await startOurs(), await startEcho()];
    await pretendWorker(ours);
    for (const app of [ours, bare]) await atRate(app, quick ? 20 : 400, 200);
    const slow = await slowly(ours, bare, quick ? 3 : 20);
    const fast = await quickly(ours, bare, quick ? 1 : 3, quick ? 0.5 : 2.5);
    const cpu = figure('processor for a command, at 200 a second', {
      unit: 'ms',
      ours: fast.cpuMs.ours / fast.ours.length,
      bare: fast.cpuMs.bare / fast.bare.length,
    });
    return { figures: [...compared('at 1 a second', slow), ...compared('at 200 a second', fast), cpu] };
  },
};

interface Acks {
  readonly ours: readonly number[];
  readonly bare: readonly number[];
}

function compared(when: string, { ours, bare }: Acks): readonly Figure[] {
  return [0.5, 0.99].map((part) =>
    figure(`ack ${when}, p${part * 100} of ${ours.length}`, {
      unit: 'ms',
      ours: quantile(ours, part),
      bare: quantile(bare, part),
      atMostTimes: goalTimes,
    }),
  );
}

/** One a second to each of the two, half a second apart. */
async function slowly(ours: SlackApp, bare: SlackApp, seconds: number): Promise<Acks> {
  const acks = { ours: [] as number[], bare: [] as number[] };
  for (let second = 0; second < seconds; second += 1) {
    acks.ours.push(...(await atRate(ours, 1, 2)));
    acks.bare.push(...(await atRate(bare, 1, 2)));
  }
  return acks;
}

/** So many seconds to one, then as many to the other. */
async function quickly(ours: SlackApp, bare: SlackApp, rounds: number, seconds: number) {
  const acks = { ours: [] as number[], bare: [] as number[] };
  const cpuMs = { ours: 0, bare: 0 };
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, app] of [
      ['ours', ours],
      ['bare', bare],
    ] as const) {
      const before = app.program.cpuMs();
      acks[name].push(...(await atRate(app, 200 * seconds, 200)));
      cpuMs[name] += app.program.cpuMs() - before;
    }
  }
  return { ...acks, cpuMs };
}

let asked = 0;

/** Types commands at a steady pace, whether or not the ones before were acknowledged; gives how long each took, in ms. */
async function atRate({ slack }: SlackApp, count: number, perSecond: number): Promise<readonly number[]> {
  const begun = performance.now();
  // What is said stays, and makes a channel slow: a new one for each round.
  const { name } = slack.addChannel({ name: `bench-${asked}`, members: ['ana', 'bot'] });
  const place = slack.as('ana').in(name);
  const taken = Array.from({ length: count }, async (_, index) => {
    asked += 1;
    const line = `/mesh mtls ns-${asked}`;
    await sleepUntil(begun + (index * 1000) / perSecond);
    const sent = performance.now();
    const { ok, error } = await place.slash(line);
    if (!ok) throw new Error(`A command was not acknowledged: ${error}`);
    return performance.now() - sent;
  });
  const times = await Promise.all(taken);
  await sleepUntil(begun + (count * 1000) / perSecond);
  return times;
}

/** Without a worker that lives, the bot would do more: look since when, and say so. */
async function pretendWorker({ redisUrl }: OurApp): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.set(workerKeys(cluster).alive, 'yes');
  redis.disconnect();
}

function sleepUntil(moment: number): Promise<void> {
  return sleep(Math.max(0, moment - performance.now()));
}
