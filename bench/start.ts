import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Figure, figure } from './measure/bench.ts';
import { clusterEnv } from './measure/cluster.ts';
import { type Program, runProgram } from './measure/program.ts';
import { startEcho, startOurs } from './measure/slack-apps.ts';
import { byTurns, median } from './measure/statistics.ts';

export const start: Bench = {
  about: 'from nothing to ready, and what a process needs while nobody asks anything',
  async run({ quick }) {
    const rounds = quick ? 1 : 5;
    const version = await byTurns(rounds, {
      ours: () => runProgram(['src/cli.ts', '--version']),
      bare: () => runProgram(['-e', '0']),
    });
    const started = { bot: [] as number[], worker: [] as number[], echo: [] as number[] };
    let idle: readonly Figure[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const [echo, ours] = [await startEcho(), await startOurs()];
      const env = clusterEnv();
      const worker = env && (await ours.startWorker(env));
      started.echo.push(echo.program.startMs);
      started.bot.push(ours.program.startMs);
      if (worker !== undefined) started.worker.push(worker.startMs);
      if (round === rounds - 1) {
        idle = await idling({ bot: ours.program, ...(worker && { worker }) }, echo.program, quick ? 1 : 10);
      }
      for (const program of [echo.program, ours.program, worker]) await program?.stop();
    }
    const against = (ours: readonly number[]) =>
      ({ unit: 'ms', ours: median(ours), bare: median(started.echo) }) as const;
    return {
      figures: [
        figure('meshbot --version, against node -e 0', { unit: 'ms', ...version }),
        figure('bot until ready, against a Bolt echo app', against(started.bot)),
        ...(started.worker.length > 0
          ? [figure('worker until ready, against a Bolt echo app', against(started.worker))]
          : []),
        ...idle,
      ],
    };
  },
};

/** All at the same time, so that all have the same machine. */
async function idling(ours: Readonly<Record<string, Program>>, echo: Program, seconds: number) {
  const programs = { ...ours, echo };
  await sleep(2_000);
  const before = Object.values(programs).map((program) => program.cpuMs());
  await sleep(seconds * 1000);
  const used = Object.values(programs).map(
    (program, index) => (program.cpuMs() - (before[index] ?? 0)) / (seconds * 10),
  );
  const bareCpu = used.at(-1) ?? 0;
  return Object.entries(ours).flatMap(([name, program], index) => [
    figure(`${name} idle, memory, against a Bolt echo app`, { unit: 'MB', ours: program.rssMb(), bare: echo.rssMb() }),
    figure(`${name} idle, processor`, {
      unit: '% of a core',
      ours: used[index] ?? 0,
      note: `the echo app: ${bareCpu.toFixed(2)} %`,
    }),
  ]);
}
