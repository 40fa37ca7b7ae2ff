import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { eventually, useCluster } from './cluster.ts';

interface PodList {
  readonly items: readonly {
    readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly deletionTimestamp?: string };
    readonly status: {
      readonly phase: string;
      readonly containerStatuses?: readonly { readonly name: string; readonly ready: boolean }[];
      readonly initContainerStatuses?: readonly { readonly name: string; readonly ready: boolean }[];
    };
  }[];
}

const cluster = await useCluster();

describe('the cluster of the tests', () => {
  it('runs the six pods of Bookinfo, each with a ready sidecar', async () => {
    const { items } = await cluster.get<PodList>('pods', '-n', 'bookinfo');
    const ready = items
      .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === 'Running')
      .map(({ metadata, status }) => {
        const containers = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])];
        return `${metadata.labels.app}-${metadata.labels.version} ${containers.find(({ name }) => name === 'istio-proxy')?.ready}`;
      });
    assert.deepEqual(ready.sort(), [
      'details-v1 true',
      'productpage-v1 true',
      'ratings-v1 true',
      'reviews-v1 true',
      'reviews-v2 true',
      'reviews-v3 true',
    ]);
  });

  it('carries real traffic between them, encrypted by their sidecars', {
    skip: !cluster.ours && 'needs the stand-ins of our own cluster',
  }, async () => {
    const [pod] = (await cluster.kubectl('get', 'pods', '-n', 'bookinfo', '-l', 'app=productpage', '-o', 'name'))
      .trim()
      .split('\n');
    const ask = "fetch('http://details:9080/details/0').then((r) => r.text()).then(console.log)";
    const answer = await eventually(
      () => cluster.kubectl('exec', '-n', 'bookinfo', `${pod}`, '--', 'node', '-e', ask),
      (text) => text.includes('"xfcc"'),
    );
    assert.match(JSON.parse(answer).xfcc, /URI=spiffe:\/\/cluster\.local\/ns\/bookinfo\/sa\/bookinfo-productpage/);
  });

  it('makes namespaces that go away after the test', async () => {
    const name = await cluster.namespace('meshed', { 'istio-injection': 'enabled' });
    const { metadata } = await cluster.get<{ metadata: { labels: Record<string, string> } }>('namespace', name);
    assert.equal(metadata.labels['istio-injection'], 'enabled');
  });

  it('runs programs inside its network', { skip: !cluster.ours && 'only our own cluster can' }, async () => {
    const address = (
      await cluster.exec('kubectl', 'get', 'service', '-n', 'bookinfo', 'details', '-o', 'jsonpath={.spec.clusterIP}')
    ).trim();
    const answer = await cluster.exec(
      'node',
      '-e',
      `fetch('http://${address}:9080/health').then((r) => r.text()).then(console.log)`,
    );
    assert.equal(answer.trim(), 'ok');
  });
});
