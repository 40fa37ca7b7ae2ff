import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ask, codesOf, demanding, plaintextTo, pod, reaches, server, settled } from './callers.ts';
import { eventually, useCluster } from './cluster.ts';

const cluster = await useCluster();

describe('what the proxies of a real mesh counted themselves', {
  skip: !cluster.ours && 'needs the network of our own cluster',
}, async () => {
  const injected = { 'istio-injection': 'enabled' };
  const [calm, mixed, far] = [
    await cluster.namespace('calm', injected),
    await cluster.namespace('mixed', injected),
    await cluster.namespace('far', injected),
  ];
  await cluster.apply(
    ...[calm, mixed].map((one) => demanding('PERMISSIVE', one)),
    ...server(calm),
    ...server(mixed),
    pod(calm, 'web'),
    pod(mixed, 'web'),
    pod(mixed, 'bare', { 'sidecar.istio.io/inject': 'false' }),
    pod(far, 'caller'),
    plaintextTo(mixed, far),
  );
  await Promise.all([calm, mixed, far].map((one) => cluster.available(one)));
  await settled();
  for (const [namespace, name, to] of [
    [calm, 'web', calm],
    [far, 'caller', calm],
    [mixed, 'web', mixed],
    [mixed, 'bare', mixed],
    [far, 'caller', mixed],
  ] as const) {
    await eventually(
      () => reaches(cluster, namespace, name, to).catch(() => false),
      (ok) => ok,
    );
  }

  for (const port of ['15090', '15020']) {
    const askSeen = (namespace: string, ...options: readonly string[]) =>
      ask(cluster, namespace, '--proxy-metrics', port, ...options);

    it(`shows on port ${port} that every caller sends mTLS`, async () => {
      // Envoy hands its counts to its metrics every few seconds.
      const report = await eventually(
        () => askSeen(calm),
        (one) => codesOf(one, 'server').includes('mtls-seen'),
      );
      assert.ok(!codesOf(report, 'server').includes('plaintext-seen'));
      const clients = report.connections?.map(({ client }) => `${client.namespace}/${client.workload}`) ?? [];
      assert.ok(clients.includes(`${far}/caller`));
    });

    it(`names on port ${port} who sends plaintext, and who without a proxy it may be`, async () => {
      const messages = async () =>
        (await askSeen(mixed)).findings.filter(({ code }) => code === 'plaintext-seen').map(({ message }) => message);
      const isUnnamed = (message: string) => message.includes('cannot name') && message.includes(`${mixed}/bare`);
      await eventually(messages, (all) => all.some(isUnnamed) && all.some((one) => one.includes(`${far}/caller`)));
    });

    it(`says no to STRICT by port ${port} where plaintext came, and nothing for sure by proxies that are young`, async () => {
      const no = await askSeen(mixed, '--strict-ready');
      assert.equal(no.verdict, 'error');
      assert.ok(codesOf(no, 'server').includes('plaintext-senders'));
      const open = await askSeen(calm, '--strict-ready');
      assert.equal(open.verdict, 'unknown');
      assert.ok(codesOf(open, 'server').includes('cannot-tell'));
    });
  }
});
