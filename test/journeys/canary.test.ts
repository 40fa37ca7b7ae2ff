import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { stringify } from 'yaml';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { fixes } from '../../src/fixes/index.ts';
import { answer, snapshotFor } from '../../src/jobs/answer.ts';
import { type ExampleCluster, exampleCluster } from '../../src/sandbox/example-cluster.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { brokenRule } from '../helpers/fix-bench.ts';
import { manifest, meshConfig, namespace, peerAuthentication, service, workload } from '../helpers/manifests.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { waitFor } from '../helpers/wait.ts';

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

/** What people wrote into the annotations of an object that is to be changed. */
const annotations = {
  'example.com/header': 'Authorization: Bearer canary-bearer-0123456789',
  'example.com/address': 'https://user:canary-url@git.example/mesh',
  'example.com/token': 'canary-token',
  'example.com/settings': '{"password":"canary-json","mode":"canary-free"}',
  'example.com/lines': 'mode: STRICT\npassword: |\n  canary-line\n  canary-line',
  'example.com/sent': `ghp_${'canary0A'.repeat(5)}`,
};
const written = ['bearer', 'url', 'token', 'json', 'line', '0A'].map((one) => `canary-${one}`).concat('canary0A');

describe('secrets in what a fix changes', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-canary-'));
  const policyFile = path.join(folder, 'policy.yaml');
  let mesh: Meshbot;
  let cluster: ExampleCluster;

  before(async () => {
    writeFileSync(policyFile, "version: 1\nroles: {}\nfixes:\n  - { fixes: ['*'], approve: [everyone] }\n");
    const ids = fixes.map(({ id }) => id);
    const example = new URL('../../examples/bookinfo-broken/mesh', import.meta.url).pathname;
    cluster = await exampleCluster({ name: 'prod', folder: example });
    await cluster.edit(brokenRule, 'kubectl-edit', (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations },
    }));
    const worker = { policy: readPolicy(policyFile, ids), answer, sources: { cluster }, sweepEveryMs: 300 };
    mesh = await startMeshbot({ policyFile, worker });
    await mesh.startFixer({ writer: cluster, lockMs: 3_000, settleEveryMs: 300 });
    await mesh.slack.as('ana').in('mesh').slash('/mesh fix align-destination-rule-tls bookinfo/reviews-v1-only');
    await waitFor(() => mesh.slack.files().length > 0 && card().text.startsWith('Proposed'));
    await card().button('fix-details').click('ana');
    await mesh.slack.as('ana').waitForModal();
  });
  after(async () => {
    await mesh.close();
    rmSync(folder, { recursive: true });
  });

  function card() {
    const [root] = mesh.slack.messages('mesh');
    assert.ok(root);
    return root;
  }

  function assertClean(where: string, shown: string): void {
    for (const one of written) assert.ok(!shown.includes(one), `${where} shows ${one}`);
  }

  it('are in nothing that Slack is sent, while the rest can be read', async () => {
    const modal = await mesh.slack.as('ana').waitForModal();
    const [file] = mesh.slack.files();
    for (const [where, shown] of [
      ['the modal', modal.plain],
      ['the file', file?.words ?? ''],
    ] as const) {
      assertClean(where, shown);
      assert.ok(shown.includes('example.com/header'), `${where} has the object`);
      assert.ok(shown.includes('canary-free') && shown.includes('mode: DISABLE'), `${where} can be read`);
    }
    assertClean('Slack', JSON.stringify(mesh.slack.calls));
    assertClean('the log', JSON.stringify(mesh.log.lines));
  });

  it('are written as they were', async () => {
    await card().button('fix-approve').click('ben');
    await waitFor(() => /Fixed/.test(card().text));
    const { metadata } = (await cluster.read(brokenRule)) ?? {};
    assert.partialDeepStrictEqual(metadata?.annotations, annotations);
    assertClean('Slack', JSON.stringify(mesh.slack.calls));
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
