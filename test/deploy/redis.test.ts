import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { freePort } from '../helpers/redis.ts';
import { waitFor } from '../helpers/wait.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-redis-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const source = path.resolve('deploy/base/redis');
const folders: Readonly<Record<string, string>> = {
  '/var/run/meshbot': 'secret',
  '/etc/meshbot-redis': 'configuration',
  '/tmp': 'tmp',
  '/data': 'data',
};
const anyFolder = new RegExp(Object.keys(folders).join('|'), 'g');

/** The files of `deploy/base/redis` with the paths of the pod below a folder of ours, and a free port. */
function prepare(url: string, port: number): string {
  for (const folder of Object.values(folders)) mkdirSync(path.join(dir, folder), { recursive: true });
  writeFileSync(path.join(dir, 'secret/redis-url'), `${url}\n`);
  for (const file of ['redis.conf', 'start.sh', 'ready.sh']) {
    const text = readFileSync(path.join(source, file), 'utf8')
      .replaceAll(anyFolder, (place) => path.join(dir, folders[place] ?? ''))
      .replace('127.0.0.1 ping', `127.0.0.1 -p ${port} ping`);
    writeFileSync(
      path.join(dir, 'configuration', file),
      file === 'redis.conf' ? `${text}port ${port}\nbind 127.0.0.1\n` : text,
    );
  }
  return path.join(dir, 'configuration');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

describe('the Redis of deploy/', () => {
  it('takes the password of redis-url, keeps everything and evicts nothing', async () => {
    const port = await freePort();
    const scripts = prepare('redis://:s3cret-password@redis:6379', port);
    const ready = () => spawnSync('sh', [`${scripts}/ready.sh`]).status === 0;
    assert.equal(ready(), false);
    const child = spawn('sh', [`${scripts}/start.sh`], { stdio: 'ignore' });
    after(() => stop(child));
    await waitFor(ready, 10_000);
    const open = (password?: string) =>
      new Redis({
        port,
        host: '127.0.0.1',
        lazyConnect: true,
        retryStrategy: () => null,
        ...(password && { password }),
      });
    const stranger = open();
    stranger.on('error', () => {});
    await assert.rejects(stranger.get('x'), /NOAUTH/);
    stranger.disconnect();
    const redis = open('s3cret-password');
    const settings = ['appendonly', 'appendfsync', 'maxmemory-policy'];
    const values = await Promise.all(settings.map((name) => redis.config('GET', name)));
    assert.deepEqual(values, [
      ['appendonly', 'yes'],
      ['appendfsync', 'always'],
      ['maxmemory-policy', 'noeviction'],
    ]);
    await assert.rejects(redis.flushall(), /unknown command/);
    await redis.set('kept', 'yes');
    redis.disconnect();
    child.kill('SIGKILL');
    await once(child, 'exit');
    const again = spawn('sh', [`${scripts}/start.sh`], { stdio: 'ignore' });
    after(() => stop(again));
    await waitFor(ready, 10_000);
    const reopened = open('s3cret-password');
    assert.equal(await reopened.get('kept'), 'yes');
    reopened.disconnect();
  });

  for (const url of [
    'redis://redis:6379',
    'redis://:PASSWORD@redis:6379',
    'redis://:a b@redis:6379',
    'redis://:a%20b@redis:6379',
    'rediss://:abc@elsewhere:6380',
  ]) {
    it(`does not start without a password that it can read: ${url}`, () => {
      const scripts = prepare(url, 1);
      const { status, stderr } = spawnSync('sh', [`${scripts}/start.sh`], { encoding: 'utf8', timeout: 5_000 });
      assert.equal(status, 1);
      assert.match(stderr, /redis-url/);
      assert.doesNotMatch(stderr, /a b|a%20b|abc/);
    });
  }
});
