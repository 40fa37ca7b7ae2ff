import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { answer, snapshotFor } from '../../src/jobs/answer.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';

/** What a mesh holds that must go nowhere: in Secrets, in annotations, in the environment of containers. */
const canaries = ['canary-of-a-secret', 'canary-of-an-annotation', 'canary-of-the-environment', 'canary-of-a-config'];

function leaky(): readonly string[] {
  const [secret = '', annotation = '', environment = '', config = ''] = canaries;
  const containers = [{ name: 'app', env: [{ name: 'PASSWORD', value: environment }] }];
  return [
    meshConfig({ defaultConfig: { proxyMetadata: { API_KEY: config } } }),
    namespace('shop', { 'istio-injection': 'enabled' }),
    workload('shop/web', { labels: { app: 'web' }, annotations: { 'vault.example/token': annotation } }),
    service('shop/web', { app: 'web' }, [{ name: 'http', port: 80, targetPort: 8080 }]),
    peerAuthentication('shop/default', 'PERMISSIVE'),
    stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 's' },
      stringData: { k: secret },
    }),
    manifest('v1', 'Pod', 'shop/bare', { spec: { containers }, status: { phase: 'Running' } }),
  ];
}

describe('secrets', () => {
  const cluster = clusterOf(...leaky());
  let mesh: Meshbot;
  let workerHealth = '';

  before(async () => {
    mesh = await startMeshbot({ worker: 'none' });
    const worker = await mesh.startWorker({ answer, sources: { cluster } });
    workerHealth = worker.healthUrl;
    const asked = await mesh.slack.as('ana').in('#mesh').slash('/mesh mtls shop');
    assert.ok(asked.ok, asked.error);
    await mesh.slack.waitForMessage({ channel: '#mesh', from: 'bot', matching: /accepts plaintext/ });
  });
  after(() => mesh.close());

  function assertClean(where: string, text: string): void {
    const { botToken, appToken } = mesh.slack;
    assert.ok(text.length > 50, `${where} holds nothing to look at`);
    for (const canary of [...canaries, botToken, appToken, mesh.slack.signingSecret]) {
      assert.ok(!text.includes(canary), `${where} shows ${canary}`);
    }
  }

  it('are in no log line', () => {
    assertClean('the log', JSON.stringify(mesh.log.lines));
  });

  it('are in no message', () => {
    const shown = mesh.slack.messages('#mesh').map((message) => [message.text, message.plain]);
    const threads = mesh.slack.messages('#mesh').flatMap((message) => message.replies().map(({ plain }) => plain));
    assertClean('Slack', JSON.stringify([shown, threads]));
  });

  it('are in nothing that Redis keeps', async () => {
    const kept = await everythingIn(mesh.redis.url);
    assert.match(kept, /accepts plaintext/, 'the answer is kept there, in the clear');
    assertClean('Redis', kept);
  });

  it('are in no metric', async () => {
    for (const url of [workerHealth, mesh.bot.healthUrl]) {
      assertClean('metrics', await (await fetch(`${url}/metrics`)).text());
    }
  });

  it('are in no snapshot', async () => {
    assertClean('the snapshot', JSON.stringify(await snapshotFor({ cluster: 'test', namespace: 'shop' }, { cluster })));
  });
});

/** Every key with its value, as the server itself writes it down. */
async function everythingIn(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    // Otherwise long values are packed, and nothing would be found in them.
    await redis.config('SET', 'rdbcompression', 'no');
    const keys = await redis.keys('*');
    const values = await Promise.all(keys.map((key) => redis.dumpBuffer(key)));
    const kept = values.map((value) => value?.toString('latin1') ?? '');
    return keys.map((key, index) => `${key} ${kept[index]}`).join('\n');
  } finally {
    redis.disconnect();
  }
}
