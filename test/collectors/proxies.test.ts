import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { collect } from '../../src/collectors/collect.ts';
import type { MissingReason } from '../../src/model/sources.ts';
import { type ProxySource, SourceError } from '../../src/model/sources.ts';
import type { Target } from '../../src/model/target.ts';
import { clusterOf } from '../helpers/cluster.ts';
import { workload } from '../helpers/manifests.ts';

const mesh = [
  workload('shop/api', { pods: 5 }),
  workload('shop/web', { pods: 2 }),
  workload('shop/old', { proxy: 'none' }),
  workload('shop/sick', { proxyReady: false }),
  workload('other/caller'),
];

describe('the proxies', () => {
  it('are asked in a sample: one pod of each workload first, and those in question before their callers', async () => {
    const { asked, proxies } = await take(mesh, { namespace: 'shop', from: ['other'] });
    assert.deepEqual([...asked.keys()], ['api-0', 'web-0', 'caller-0', 'api-1', 'web-1', 'api-2']);
    assert.deepEqual(pick(proxies), { seen: 6, of: 8, unit: 'proxy' });
    assert.equal(proxies.coverage.notes.length, 1);
  });

  it('are never asked more than sixty at once', async () => {
    const many = Array.from({ length: 70 }, (_, index) => workload(`shop/w${index}`));
    const { asked, proxies } = await take(many, { namespace: 'shop' });
    assert.equal(asked.size, 60);
    assert.deepEqual(pick(proxies), { seen: 60, of: 70, unit: 'proxy' });
  });

  it('leave behind a few words, and no key', async () => {
    const { proxies } = await take([workload('shop/web')], { namespace: 'shop' });
    const [web] = proxies.value.seen;
    assert.equal(web?.inbound?.ports[8080], 'STRICT');
    assert.equal(web?.outbound.length, 5);
    const plaintext = ['10.244.0.108:9000', '10.244.0.109:9000'];
    assert.deepEqual(web?.outbound.find(({ port }) => port === 9000)?.endpoints, { mtls: [], plaintext });
    assert.equal(web?.istioVersion, '1.32.0-dev');
    assert.ok(JSON.stringify(web).length < 2_000);
  });

  it('fail alone, each with its reason', async () => {
    const { proxies } = await take(mesh, { namespace: 'shop' }, { 'web-0': 'unreachable' });
    assert.deepEqual(
      proxies.value.unseen.map(({ pod, reason }) => `${pod} ${reason}`),
      ['web-0 unreachable'],
    );
    assert.deepEqual(pick(proxies), { seen: 4, of: 7, unit: 'proxy' });
    assert.ok(proxies.coverage.notes.some((note) => note.includes('web-0')));
  });

  it('that know more endpoints than are worth reading are seen without them, and the answer says so', async () => {
    const { source } = answering();
    const evidence = await ask(
      [workload('shop/web')],
      { namespace: 'shop' },
      {
        async get(pod, path, options) {
          if (path.includes('include_eds')) throw new SourceError('partial', 'That is more than I take.');
          return source.get(pod, path, options);
        },
      },
    );
    assert.ok(evidence?.status === 'collected');
    const [web] = evidence.value.seen;
    assert.equal(web?.outbound.length, 5);
    assert.ok(web?.outbound.every(({ endpoints }) => endpoints === undefined));
    assert.equal(evidence.coverage.notes.length, 1);
  });

  for (const { name, fails, reason } of [
    { name: 'none may be asked', fails: { 'web-0': 'forbidden', 'web-1': 'forbidden' }, reason: 'forbidden' },
    { name: 'none answers', fails: { 'web-0': 'timeout', 'web-1': 'forbidden' }, reason: 'timeout' },
  ] as const) {
    it(`are missing where ${name}, with what to do about it`, async () => {
      const evidence = await ask([workload('shop/web', { pods: 2 })], { namespace: 'shop' }, answering(fails).source);
      assert.equal(evidence?.status === 'missing' && evidence.reason, reason);
      assert.ok(evidence?.status === 'missing' && evidence.next);
    });
  }

  it('are left alone in a namespace where they may not be asked', async () => {
    const many = Array.from({ length: 30 }, (_, index) => workload(`shop/w${index}`));
    const fails = Object.fromEntries(many.map((_, index) => [`w${index}-0`, 'forbidden'] as const));
    const { asked, proxies } = await take(
      [...many, workload('other/caller')],
      { namespace: 'shop', from: ['other'] },
      fails,
    );
    assert.ok(asked.size < 10, `${asked.size} were asked`);
    assert.deepEqual(pick(proxies), { seen: 1, of: 31, unit: 'proxy' });
  });

  it('are missing where the source is files', async () => {
    const evidence = await ask(mesh, { namespace: 'shop' }, undefined);
    assert.equal(evidence?.status === 'missing' && evidence.reason, 'not-in-source');
  });

  it('are none, which is not missing, where no pod has one', async () => {
    const { proxies } = await take([workload('shop/old', { proxy: 'none' })], { namespace: 'shop' });
    assert.deepEqual(pick(proxies), { seen: 0, of: 0, unit: 'proxy' });
  });
});

type Fails = Readonly<Record<string, MissingReason>>;

/** Proxies that answer what a real one did, or fail. */
function answering(fails: Fails = {}) {
  const asked = new Set<string>();
  const source: ProxySource = {
    async get({ name }, path) {
      asked.add(name);
      const reason = fails[name];
      if (reason !== undefined) throw new SourceError(reason, `Pod ${name} does not answer.`);
      if (path.startsWith('/certs')) return recorded('certs');
      if (path.includes('include_eds')) return recorded('endpoints');
      if (path.includes('dynamic_listeners')) return recorded('inbound');
      return recorded(path.includes('bootstrap') ? 'node' : 'outbound');
    },
  };
  return { source, asked };
}

function recorded(name: string): string {
  return readFileSync(new URL(`../mesh/fixtures/${name}.json`, import.meta.url), 'utf8');
}

async function ask(manifests: readonly string[], target: Omit<Target, 'cluster'>, proxies: ProxySource | undefined) {
  const sources = { cluster: clusterOf(...manifests), ...(proxies !== undefined && { proxies }) };
  const signal = AbortSignal.timeout(5_000);
  const { evidence } = await collect(['proxies'], sources, { cluster: 'test', ...target }, { signal });
  return evidence.proxies;
}

async function take(manifests: readonly string[], target: Omit<Target, 'cluster'>, fails?: Fails) {
  const { source, asked } = answering(fails);
  const proxies = await ask(manifests, target, source);
  assert.ok(proxies?.status === 'collected');
  return { proxies, asked };
}

function pick({ coverage: { seen, of, unit } }: { coverage: { seen: number; of: number; unit: string } }) {
  return { seen, of, unit };
}
