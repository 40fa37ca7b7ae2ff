import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestCluster } from '../cluster.ts';

const run = promisify(execFile);
export const images = { meshbot: 'localhost/meshbot:journey', redis: 'localhost/meshbot-redis:journey' };

/** What decides what is in the images. */
const inputs = [
  'Dockerfile',
  '.dockerignore',
  'LICENSE',
  'package.json',
  'package-lock.json',
  'src/**',
  'test/cluster/*.sh',
];

/** Builds our image from the Dockerfile, and Redis's from the one of this machine; only where something has changed since. */
export async function provideImages(cluster: TestCluster): Promise<void> {
  const folder = path.dirname(cluster.kubeconfig);
  const stamp = path.join(folder, 'built-images', 'journey');
  const wanted = fingerprint();
  const there = await run('ctr', [...containerd(cluster), 'images', 'ls', '-q']);
  const known = there.stdout.split('\n');
  if (!known.includes(images.redis))
    await run('bash', [path.join(import.meta.dirname, 'redis-image.sh'), images.redis]);
  if (known.includes(images.meshbot) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await run('bash', ['test/cluster/cluster', 'image', images.meshbot]);
  writeFileSync(stamp, wanted);
}

/** How `ctr` finds the cluster's containers. */
export function containerd({ kubeconfig }: TestCluster): readonly string[] {
  return ['-a', path.join(path.dirname(kubeconfig), 'containerd.sock'), '-n', 'k8s.io'];
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync([...inputs]).filter((file) => statSync(file).isFile() && !file.startsWith('src/sandbox/'));
  for (const file of files.toSorted()) hash.update(file).update('\0').update(readFileSync(file)).update('\0');
  return hash.digest('hex');
}
