import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { ask, codesOf, demanding, plaintextTo, pod, type Report, reaches, server, settled } from './callers.ts';
import { eventually, useCluster } from './cluster.ts';
import { startPrometheus } from './prometheus.ts';

const cluster = await useCluster();
const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-snapshot-'));
after(() => rmSync(folder, { recursive: true }));

describe('what was seen on the wire of a real mesh', {
  skip: !cluster.ours && 'needs the network of our own cluster',
}, async () => {
  const injected = { 'istio-injection': 'enabled' };
  const [ready, unready, far] = [
    await cluster.namespace('ready', injected),
    await cluster.namespace('unready', injected),
    await cluster.namespace('far', injected),
  ];
  await cluster.apply(
    ...[ready, unready].map((one) => demanding('PERMISSIVE', one)),
    ...server(ready),
    ...server(unready),
    pod(ready, 'web'),
    pod(unready, 'web'),
    pod(unready, 'bare', { 'sidecar.istio.io/inject': 'false' }),
    pod(far, 'caller'),
    plaintextTo(unready, far),
  );
  await Promise.all([ready, unready, far].map((one) => cluster.available(one)));
  await settled();
  const prometheus = await startPrometheus(cluster, [ready, unready, far]);
  await eventually(
    () => traffic(),
    (answers) => answers.every(({ ok }) => ok),
  );

  /** Who calls whom: `bare` has no proxy, and `caller` sends plaintext to one of the two servers. */
  async function traffic(): Promise<readonly { who: string; ok: boolean }[]> {
    const calls = [
      [ready, 'web', ready],
      [far, 'caller', ready],
      [unready, 'web', unready],
      [unready, 'bare', unready],
      [far, 'caller', unready],
    ] as const;
    return Promise.all(
      calls.map(async ([namespace, name, to]) => ({
        who: `${name}→${to}`,
        ok: await reaches(cluster, namespace, name, to),
      })),
    );
  }

  const askSeen = (namespace: string, ...options: readonly string[]) =>
    ask(cluster, namespace, '--prometheus', prometheus, ...options);

  /** Whether it is ready for STRICT, as if its pods had run for an hour. */
  async function askLater(namespace: string): Promise<Report> {
    const command = `node src/cli.ts snapshot ${namespace} --prometheus ${prometheus}`;
    const { takenAt, ...taken } = JSON.parse(await cluster.exec('bash', '-c', command)) as { readonly takenAt: string };
    const later = new Date(Date.parse(takenAt) + 3_600_000).toISOString();
    const file = path.join(folder, `${namespace}.json`);
    writeFileSync(file, JSON.stringify({ ...taken, takenAt: later }));
    return ask(cluster, namespace, '--snapshot', file, '--strict-ready');
  }

  it('sees mTLS where every caller sends it, and takes callers from elsewhere for callers', async () => {
    const report = await eventually(
      () => askSeen(ready),
      (one) => codesOf(one, 'server').includes('mtls-seen'),
    );
    const clients = report.connections?.map(({ client }) => `${client.namespace}/${client.workload}`) ?? [];
    assert.ok(clients.includes(`${far}/caller`));
    assert.ok(!codesOf(report, 'server').includes('plaintext-seen'));
  });

  it('names who sends plaintext, and says that it cannot name a caller without a proxy', async () => {
    const messages = async () =>
      (await askSeen(unready)).findings.filter(({ code }) => code === 'plaintext-seen').map(({ message }) => message);
    const isUnnamed = (message: string) => message.includes('cannot name') && message.includes(`${unready}/bare`);
    await eventually(messages, (all) => all.some(isUnnamed) && all.some((one) => one.includes(`${far}/caller`)));
  });

  it('cannot tell whether it is safe to go STRICT without metrics', async () => {
    assert.equal((await ask(cluster, ready, '--strict-ready')).verdict, 'unknown');
  });

  it('cannot tell of pods that have run for less than metrics look back', async () => {
    const report = await askSeen(ready, '--strict-ready');
    assert.equal(report.verdict, 'unknown');
    assert.deepEqual(codesOf(report, 'server'), ['cannot-tell']);
  });

  it('says yes, and then going STRICT breaks nothing', async () => {
    const report = await askLater(ready);
    assert.deepEqual([report.verdict, codesOf(report, ready)], ['ok', ['ready']]);
    await cluster.apply(demanding('STRICT', ready));
    const says = (one: Report) => one.findings.some(({ code }) => code === 'strict');
    await eventually(() => ask(cluster, ready), says);
    await settled();
    const then = await traffic();
    assert.deepEqual(
      then.filter(({ ok }) => !ok),
      [],
    );
  });

  it('says no, and then the callers that it names break, and no others', async () => {
    const report = await askLater(unready);
    assert.equal(report.verdict, 'error');
    const broken = report.findings.filter(({ code }) => code === 'would-break').map(({ subject }) => subject.name);
    assert.deepEqual([...new Set(broken)].toSorted(), ['bare', 'caller']);
    assert.ok(codesOf(report, 'server').includes('plaintext-senders'));
    await cluster.apply(demanding('STRICT', unready));
    await eventually(
      () => traffic(),
      (answers) => answers.filter(({ ok }) => !ok).length === 2,
    );
    const failed = (await traffic()).filter(({ ok }) => !ok).map(({ who }) => who);
    assert.deepEqual(failed.toSorted(), [`bare→${unready}`, `caller→${unready}`]);
  });
});
