import type { LiveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { onEnd } from '../measure/ending.ts';
import { objectsOf, type PodShape, podOf, podShape, statusOf } from './objects.ts';
import { type Writer, writerFor } from './writer.ts';

/** A mesh that stands in the API server alone: nothing runs, and its Services are shown to none of the others. */
export interface GeneratedMesh {
  readonly pods: number;
  /** The first is the one to ask about; the others are its callers. */
  readonly namespaces: readonly string[];
  remove(): Promise<void>;
}

const podsPerWorkload = 10;
const workloadsPerNamespace = 50;

/** Makes so many pods in workloads of ten, fifty workloads in a namespace; gone again when the bench ends. */
export async function generateMesh(cluster: LiveCluster, pods: number): Promise<GeneratedMesh> {
  const writer = writerFor(cluster);
  const shape = await podShape(cluster);
  const workloads = Math.ceil(pods / podsPerWorkload);
  const namespaces = Array.from(
    { length: Math.ceil(workloads / workloadsPerNamespace) },
    (_, index) => `bench-${pods}-${process.pid}-${index}`,
  );
  const remove = async () => {
    forget();
    await Promise.all(namespaces.map((name) => writer.remove(name)));
  };
  const forget = onEnd(remove);
  for (const name of namespaces) {
    await writer.create('/api/v1/namespaces', { metadata: { name, labels: { 'meshbot.bench': 'yes' } } });
  }
  const jobs = Array.from({ length: workloads }, (_, index) => async () => {
    const namespace = namespaces[Math.floor(index / workloadsPerNamespace)] ?? '';
    await addWorkload(writer, shape, { namespace, visibleIn: namespaces, index });
  });
  await inParallel(jobs, 8);
  return { pods: workloads * podsPerWorkload, namespaces, remove };
}

interface Wanted {
  readonly namespace: string;
  readonly visibleIn: readonly string[];
  readonly index: number;
}

async function addWorkload(writer: Writer, shape: PodShape, { namespace, visibleIn, index }: Wanted): Promise<void> {
  const name = `app-${index}`;
  const pods = Array.from({ length: podsPerWorkload }, (_, pod) => index * podsPerWorkload + pod);
  const { deployment, others } = objectsOf({ namespace, name, visibleIn, isFourth: index % 4 === 0, shape, pods });
  const { uid = '' } = await writer.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment);
  for (const pod of pods) {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    await writer.create(path, podOf(shape, { name: `${name}-${pod}`, owner: { name, uid } }));
    await writer.patch(`${path}/${name}-${pod}/status`, statusOf(shape, pod));
  }
  for (const [path, object] of others) await writer.create(path, object);
}

async function inParallel(jobs: readonly (() => Promise<void>)[], atOnce: number): Promise<void> {
  const queue = jobs.values();
  const work = async () => {
    for (const job of queue) await job();
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}
