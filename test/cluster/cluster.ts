import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

/** A Kubernetes object as it is written: tests give what they need, the API server fills in the rest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** A running cluster with Istio and Bookinfo. Commands reject with what the program printed on stderr. */
export interface TestCluster {
  readonly kubeconfig: string;
  /** Whether it is the one of `cluster up`: then `exec` works, and its images (`local/echo:1`) are there. */
  readonly ours: boolean;
  /** A kubeconfig for whoever holds this token; the file is deleted after the test. */
  kubeconfigWith(token: string): Promise<string>;
  /** Runs kubectl; resolves with what it prints. */
  kubectl(...args: readonly string[]): Promise<string>;
  /** Runs kubectl with `-o json`. */
  get<T = unknown>(...args: readonly string[]): Promise<T>;
  /** Applies objects. Those outside namespaces of this test are deleted after it. */
  apply(...objects: readonly Manifest[]): Promise<void>;
  delete(...objects: readonly Manifest[]): Promise<void>;
  /** Makes a namespace of a name nobody else has; it is deleted after the test file. `labels: { 'istio-injection': 'enabled' }` puts it in the mesh. */
  namespace(prefix: string, labels?: Readonly<Record<string, string>>): Promise<string>;
  /** Waits until every Deployment of a namespace is available. */
  available(namespace: string): Promise<void>;
  /** Runs a program in the cluster's network, where addresses of pods and services work. Only on our own cluster. */
  exec(...command: readonly string[]): Promise<string>;
}

const script = path.join(import.meta.dirname, 'cluster');
const folder =
  process.env.MESHBOT_CLUSTER_DIR ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'meshbot-cluster');

/** The cluster that `npm test` provides: that of MESHBOT_TEST_KUBECONFIG, else the one of `cluster up`. What a test made in it is deleted after it. */
export async function useCluster(): Promise<TestCluster> {
  const given = process.env.MESHBOT_TEST_KUBECONFIG;
  const kubeconfig = given ?? path.join(folder, 'kubeconfig');
  if (!existsSync(kubeconfig)) {
    throw new Error(
      `There is no cluster: ${kubeconfig} does not exist. Run \`npm test -- cluster\`, or \`npm run cluster -- up\` first.`,
    );
  }
  const program = given === undefined ? path.join(folder, 'bin', 'kubectl') : 'kubectl';
  const kubectl = (args: readonly string[], input?: string) =>
    run(program, ['--kubeconfig', kubeconfig, ...args], input);
  await kubectl(['get', '--raw', '/readyz', '--request-timeout=10s']);
  const made = trackMade(kubectl);
  return {
    kubeconfig,
    ours: given === undefined,
    kubeconfigWith: (token) => kubeconfigWith(token, kubectl),
    kubectl: (...args) => kubectl(args),
    get: async (...args) => JSON.parse(await kubectl(['get', ...args, '-o', 'json'])),
    apply: async (...objects) => {
      made.objects.push(...objects);
      await kubectl(['apply', '-f', '-'], listOf(objects));
    },
    delete: async (...objects) => {
      await kubectl(['delete', '--ignore-not-found', '-f', '-'], listOf(objects));
    },
    namespace: async (prefix, labels = {}) => {
      const name = `${prefix}-${Math.random().toString(36).slice(2, 8)}`;
      made.namespaces.add(name);
      await kubectl(
        ['apply', '-f', '-'],
        listOf([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }]),
      );
      return name;
    },
    available: async (namespace) => {
      await kubectl(['-n', namespace, 'wait', '--for=condition=Available', 'deployment', '--all', '--timeout=120s']);
    },
    exec: (...command) => {
      if (given !== undefined)
        throw new Error('Only our own cluster has a network to run programs in. Skip this test on others: see `ours`.');
      return run('bash', [script, 'exec', ...command]);
    },
  };
}

async function kubeconfigWith(token: string, kubectl: Kubectl): Promise<string> {
  const config = JSON.parse(await kubectl(['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']));
  const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-token-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const file = path.join(dir, 'kubeconfig');
  const users = config.users.map(({ name }: { name: string }) => ({ name, user: { token } }));
  writeFileSync(file, JSON.stringify({ ...config, users }), { mode: 0o600 });
  return file;
}

type Kubectl = (args: readonly string[], input?: string) => Promise<string>;

function trackMade(kubectl: Kubectl) {
  const namespaces = new Set<string>();
  const objects: Manifest[] = [];
  after(async () => {
    const others = objects.filter(
      ({ metadata }) => metadata.namespace === undefined || !namespaces.has(metadata.namespace),
    );
    if (others.length > 0) await kubectl(['delete', '--ignore-not-found', '-f', '-'], listOf(others));
    if (namespaces.size > 0)
      await kubectl(['delete', 'namespace', '--ignore-not-found', '--wait=false', ...namespaces]);
  });
  return { namespaces, objects };
}

function listOf(items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function run(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { maxBuffer: 256 * 1024 * 1024, timeout: 300_000 },
      (error, stdout, stderr) => {
        if (error)
          reject(
            new Error(`${path.basename(program)} ${args.join(' ')}: ${stderr.trim() || error.message}`, {
              cause: error,
            }),
          );
        else resolve(stdout);
      },
    );
    child.stdin?.end(input);
  });
}

/** Repeats `look` until it holds, and returns what it gave; proxies and caches need a moment to follow a change. */
export async function eventually<T>(look: () => Promise<T>, holds: (value: T) => boolean, seconds = 30): Promise<T> {
  const end = performance.now() + seconds * 1_000;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (performance.now() > end) throw new Error(`Still not so after ${seconds} s: ${JSON.stringify(value)}`);
    await sleep(250);
  }
}
