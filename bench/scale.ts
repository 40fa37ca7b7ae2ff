import type { LiveCluster } from '../src/clients/kubernetes/live-cluster.ts';
import { answer } from '../src/jobs/answer.ts';
import { type Bench, type Figure, figure, type Settings } from './measure/bench.ts';
import { clusterEnv, istioctl, noCluster, openCluster } from './measure/cluster.ts';
import { runProgram, runTool } from './measure/program.ts';
import { byTurns } from './measure/statistics.ts';
import { bareLists } from './mesh/bare-lists.ts';
import { type GeneratedMesh, generateMesh } from './mesh/generated-mesh.ts';

export const scale: Bench = {
  about: 'evidence and checks over generated meshes on a real API server',
  async run(settings) {
    const [cluster, env] = [await openCluster(), clusterEnv()];
    if (cluster === undefined || env === undefined) return { skipped: noCluster };
    const figures: Figure[] = [];
    let smaller: Sized | undefined;
    for (const pods of sizesOf(settings)) {
      process.stdout.write(`generating ${pods} pods …\n`);
      const mesh = await generateMesh(cluster, pods);
      const sized = await measure(cluster, mesh, env, settings);
      figures.push(...sized.figures, ...growth(smaller, sized));
      if (smaller === undefined) figures.push(...(await overManyJobs(mesh, env, settings)));
      smaller = sized;
      process.stdout.write(`removing ${pods} pods …\n`);
      await mesh.remove();
    }
    return { figures };
  },
};

/** What Node.js chooses by itself in a container of 512 MiB, which is what a worker gets. */
const asDeployed = ['--max-old-space-size=256', '--max-semi-space-size=1'];

type Env = { readonly KUBECONFIG: string };

interface Sized {
  readonly pods: number;
  readonly ms: number;
  readonly figures: readonly Figure[];
}

function sizesOf({ quick, full }: Settings): readonly number[] {
  if (quick) return [100];
  return full ? [100, 1_000, 10_000] : [100, 1_000];
}

async function measure(cluster: LiveCluster, mesh: GeneratedMesh, env: Env, { quick }: Settings): Promise<Sized> {
  const { pods, namespaces } = mesh;
  const [namespace = '', ...from] = namespaces;
  const question = { topic: 'mtls', target: { cluster: cluster.name, namespace, ...(from.length > 0 && { from }) } };
  const rounds = quick ? 1 : pods > 1_000 ? 3 : 7;
  const near = await byTurns(rounds, {
    ours: () => answer(question, { cluster }, { deadlineMs: 120_000 }),
    bare: await bareLists(cluster, question),
  });
  const size = `${pods.toLocaleString('en')} pods`;
  return {
    pods,
    ms: near.ours,
    figures: [
      figure(`${size}: a worker's answer, against a bare paged download`, { unit: 'ms', ...near, atMostTimes: 1.5 }),
      ...(await againstIstioctl(size, mesh, near.ours, env, Math.min(rounds, 3))),
      await memory(size, mesh, env, quick ? 1 : 3),
    ],
  };
}

/** A worker is there before it is asked; istioctl and our own command start anew for each question. */
async function againstIstioctl(size: string, mesh: GeneratedMesh, ours: number, env: Env, rounds: number) {
  const tool = istioctl();
  if (tool === undefined) return [];
  const [namespace = ''] = mesh.namespaces;
  const { once, bare } = await byTurns(rounds, {
    once: () => answers(mesh, 1, env),
    bare: () => runTool(tool, ['analyze', '-n', namespace, '--kubeconfig', env.KUBECONFIG]),
  });
  return [
    figure(`${size}: a worker's answer, against istioctl analyze`, { unit: 'ms', ours, bare, atMostTimes: 0.5 }),
    figure(`${size}: a process of its own, against istioctl analyze`, { unit: 'ms', ours: once, bare }),
  ];
}

async function memory(size: string, mesh: GeneratedMesh, env: Env, times: number): Promise<Figure> {
  const { peakMb, missing } = await answers(mesh, times, env, asDeployed);
  const blind = missing.filter((kind) => kind !== 'proxies' && kind !== 'observed');
  if (blind.length > 0) throw new Error(`Not seen: ${blind.join(', ')}`);
  return figure(`${size}: peak memory of a worker`, { unit: 'MB', ours: peakMb, atMost: 300 });
}

/** Answers in a process of its own. */
async function answers({ namespaces }: GeneratedMesh, times: number, env: Env, flags: readonly string[] = []) {
  const settle = flags.includes('--expose-gc') ? ['settle'] : [];
  const args = [...flags, 'bench/programs/answers.ts', namespaces.join(','), `${times}`, ...settle];
  return JSON.parse(await runProgram(args, env)) as Answers;
}

function growth(smaller: Sized | undefined, { pods, ms }: Sized): readonly Figure[] {
  if (smaller === undefined) return [];
  const note = `${pods / smaller.pods} times the pods`;
  return [figure(`growth from ${smaller.pods} to ${pods} pods`, { unit: 'ms', ours: ms, bare: smaller.ms, note })];
}

interface Answers {
  readonly held: readonly { readonly heapMb: number; readonly rssMb: number }[];
  readonly peakMb: number;
  readonly missing: readonly string[];
}

/** What a worker holds after its thousandth answer, against what it held after the two hundredth. */
async function overManyJobs(mesh: GeneratedMesh, env: Env, { quick }: Settings): Promise<readonly Figure[]> {
  const times = quick ? 20 : 1_000;
  const { held } = await answers(mesh, times, env, [...asDeployed, '--expose-gc']);
  const [early, late] = held;
  if (early === undefined || late === undefined) throw new Error('Nothing was held');
  const what = `after ${times} answers, against after ${times / 5}`;
  return [
    figure(`heap ${what}`, { unit: 'MB', ours: late.heapMb, bare: early.heapMb, atMostTimes: 1.1 }),
    figure(`memory ${what}`, { unit: 'MB', ours: late.rssMb, bare: early.rssMb, atMostTimes: 1.1 }),
  ];
}
