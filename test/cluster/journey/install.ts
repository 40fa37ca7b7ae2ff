import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { FakeSlack } from '../../../src/sandbox/slack/index.ts';
import { eventually, type Manifest, type TestCluster } from '../cluster.ts';
import { policyText } from '../fix-cards.ts';
import { kustomize } from '../kustomize.ts';
import { containerd, images, provideImages } from './images.ts';
import { slackBeside } from './slack.ts';

export type Component = 'bot' | 'worker' | 'fixer' | 'redis';

/**
 * meshbot as `deploy/overlays/kubernetes` installs it, with fixes, in a namespace of its own, and the fake Slack beside
 * it. Its objects have the namespace as a suffix of their names.
 */
export interface Installation {
  readonly namespace: string;
  readonly slack: FakeSlack;
  /** Resolves with a way to end the processes of a component at once, as `kill -9` does. They are looked up before. */
  killer(component: Component): Promise<() => Promise<void>>;
  /** Drops everything that a component sends to the API server, while this goes on. */
  cutOff(component: Component, during: () => Promise<unknown>): Promise<void>;
  /** Runs the terminal's program in a pod of the bot; resolves with what it prints. Rejects where it exits with anything but 0. */
  meshbot(...args: readonly string[]): Promise<string>;
  /** What a component has logged since it was started last. */
  logsOf(component: Exclude<Component, 'redis'>): Promise<string>;
  /** Stops all changes of this cluster by the ConfigMap while this goes on. */
  frozen(because: string, during: () => Promise<void>): Promise<void>;
  /** Replaces every pod of these, one after another, and waits until that is done. */
  rollOut(...components: readonly Exclude<Component, 'redis'>[]): Promise<void>;
  /** Waits until everything runs and says that it is ready. */
  ready(): Promise<void>;
  remove(): Promise<void>;
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly podIP: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly { readonly containerID?: string }[];
  };
}

const user = 10_001;
const run = promisify(execFile);

export async function install(cluster: TestCluster): Promise<Installation> {
  await provideImages(cluster);
  // Slack's own limits would spread 200 answers over four minutes.
  const slack = await slackBeside(cluster, { rateLimits: 10 });
  const namespace = await cluster.namespace('journey', {
    'pod-security.kubernetes.io/enforce': 'restricted',
    'istio-injection': 'disabled',
  });
  const removeVolume = await provideVolume(cluster, namespace);
  await cluster.apply(secretOf(slack, namespace), ...(await objectsOf(cluster, slack, namespace)));
  const installation = handle(cluster, namespace);
  return {
    slack,
    namespace,
    ...installation,
    async remove() {
      await removeVolume();
      await slack.close();
    },
  };
}

function handle(cluster: TestCluster, namespace: string): Omit<Installation, 'slack' | 'namespace' | 'remove'> {
  const podsOf = async (labels: string): Promise<readonly Pod[]> =>
    (await cluster.get<{ items: Pod[] }>('pods', '-n', namespace, '-l', labels)).items;
  const ofComponent = (component: Component) => podsOf(`app.kubernetes.io/component=${component}`);
  return {
    killer: async (component) => killerOf(cluster, await ofComponent(component)),
    async cutOff(component, during) {
      const [pod] = await ofComponent(component);
      const rule = ['INPUT', '-s', pod?.status.podIP ?? '', '-p', 'tcp', '--dport', '6443', '-j', 'DROP'];
      await cluster.exec('iptables', '-w', '-I', ...rule);
      try {
        await during();
      } finally {
        await cluster.exec('iptables', '-w', '-D', ...rule);
      }
    },
    meshbot: (...args) =>
      cluster.kubectl('-n', namespace, 'exec', `deployment/bot-${namespace}`, '--', 'node', 'src/cli.ts', ...args),
    logsOf: (component) => cluster.kubectl('-n', namespace, 'logs', `deployment/${component}-${namespace}`),
    async frozen(because, during) {
      const metadata = { name: 'meshbot-freeze', namespace };
      const freeze = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { frozen: 'true', because } };
      await cluster.apply(freeze);
      try {
        await during();
      } finally {
        await cluster.delete(freeze);
      }
    },
    async rollOut(...components) {
      const names = components.map((one) => `deployment/${one}-${namespace}`);
      await cluster.kubectl('-n', namespace, 'rollout', 'restart', ...names);
      for (const one of names) await cluster.kubectl('-n', namespace, 'rollout', 'status', one, '--timeout=180s');
    },
    async ready() {
      const look = async () => {
        const pods = await podsOf('app.kubernetes.io/name=meshbot');
        return { pods: pods.length, waiting: pods.filter((pod) => !isReady(pod)).map(({ metadata }) => metadata.name) };
      };
      await eventually(look, ({ pods, waiting }) => pods === 5 && waiting.length === 0, 120);
    },
  };
}

/** Ends the first process of each container with a signal that nothing can catch; kubelet then starts them again. */
function killerOf(cluster: TestCluster, pods: readonly Pod[]): () => Promise<void> {
  const ids = pods.flatMap(({ status }) => status.containerStatuses ?? []).map(({ containerID = '' }) => containerID);
  assert.ok(ids.length > 0, 'there is nothing to kill');
  const kill = (id: string) =>
    run('ctr', [...containerd(cluster), 'tasks', 'kill', '--signal', 'SIGKILL', id.replace('containerd://', '')]);
  return async () => void (await Promise.all(ids.map(kill)));
}

function isReady({ status }: Pod): boolean {
  return status.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') === true;
}

/** The overlay as it is, with the fixer; on top only where the images, the fake Slack and the flag of the freeze are. */
async function objectsOf(cluster: TestCluster, slack: FakeSlack, namespace: string): Promise<readonly Manifest[]> {
  const literals = ['CLUSTERS=test', 'CLUSTER=test', 'REQUESTS_PER_MINUTE=10000', `SLACK_API_URL=${slack.apiUrl}`];
  const more = {
    images: [imageOf('ghcr.io/meshbot/meshbot', images.meshbot), imageOf('docker.io/library/redis', images.redis)],
    configMapGenerator: [
      { name: 'meshbot', namespace: 'meshbot', behavior: 'merge', literals },
      { name: 'meshbot-policy', namespace: 'meshbot', literals: [`policy.yaml=${policyText}`] },
    ],
    patches: [{ target: { kind: 'Deployment', name: 'fixer' }, patch: JSON.stringify(fixerPatch(namespace)) }],
  };
  const built = { overlay: 'kubernetes', components: ['../fixes/fixer'], namespace, more } as const;
  const objects = await kustomize(cluster, built);
  return objects.filter(({ kind }) => kind !== 'Namespace');
}

/** What somebody changes in an overlay whose namespace is another one; and the user, which the overlay sets below this. */
function fixerPatch(namespace: string): readonly object[] {
  const settings = ['runAsUser', 'runAsGroup', 'fsGroup'];
  const freeze = { name: 'FREEZE_CONFIGMAP', value: `${namespace}/meshbot-freeze` };
  return [
    ...settings.map((name) => ({ op: 'add', path: `/spec/template/spec/securityContext/${name}`, value: user })),
    { op: 'test', path: '/spec/template/spec/containers/0/env/3/name', value: freeze.name },
    { op: 'replace', path: '/spec/template/spec/containers/0/env/3', value: freeze },
  ];
}

function imageOf(name: string, image: string) {
  const [newName, newTag] = image.split(/:(?=[^/]*$)/);
  return { name, newName, newTag };
}

function secretOf(slack: FakeSlack, namespace: string): Manifest {
  const stringData = {
    'slack-bot-token': slack.botToken,
    'slack-app-token': slack.appToken,
    'redis-url': `redis://:correct-horse@redis-${namespace}:6379`,
    'approval-key': randomBytes(32).toString('hex'),
  };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'meshbot', namespace }, stringData };
}

/** There is no storage class in the test cluster: a folder of the node is what the claim of Redis gets. */
async function provideVolume(cluster: TestCluster, namespace: string): Promise<() => Promise<void>> {
  const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-volume-'));
  chownSync(dir, user, user);
  const name = `${namespace}-redis`;
  const volume = {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { namespace, name: `data-redis-${namespace}-0` },
      hostPath: { path: dir },
    },
  };
  const file = `${dir}.json`;
  writeFileSync(file, JSON.stringify(volume));
  await cluster.kubectl('apply', '-f', file);
  rmSync(file);
  return async () => {
    // It goes when the claim is gone, which goes with the namespace.
    await cluster.kubectl('delete', 'persistentvolume', name, '--wait=false');
    rmSync(dir, { recursive: true, force: true });
  };
}
