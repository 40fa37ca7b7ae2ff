import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prometheus } from '../../src/clients/prometheus.ts';
import { demanding, pod, reaches, server } from './callers.ts';
import { eventually, useCluster } from './cluster.ts';
import { useFixCards } from './fix-cards.ts';
import { boundFix, mayReadFreeze } from './fixer-account.ts';
import { startPrometheus } from './prometheus.ts';
import { tunnelTo } from './tunnel.ts';

const cluster = await useCluster();

/** From the command in Slack to calls in a real mesh: before, after, and undone. The journey does it with a DestinationRule. */
describe('fixes and real traffic', { skip: !cluster.ours && 'needs the network of our own cluster' }, async () => {
  const injected = { 'istio-injection': 'enabled' };
  const [plain, ready] = [await cluster.namespace('plain', injected), await cluster.namespace('ready', injected)];
  const all = [plain, ready];
  await cluster.apply(
    ...all.flatMap((one) => [...server(one), pod(one, 'web')]),
    pod(plain, 'bare', { 'sidecar.istio.io/inject': 'false' }),
    demanding('PERMISSIVE', plain),
    demanding('PERMISSIVE', ready),
    ...boundFix('require-mtls', ready),
    ...mayReadFreeze(ready),
  );
  await Promise.all(all.map((one) => cluster.available(one)));
  const metrics = await tunnelTo(cluster, await startPrometheus(cluster, all));
  const cards = useFixCards(cluster, metrics);

  /** Waits until calls from one workload to the server of a namespace are answered, or are not. */
  async function answered(from: string, name: string, to: string, expected: boolean): Promise<void> {
    await eventually(
      () => reaches(cluster, from, name, to),
      (ok) => ok === expected,
      60,
    );
  }

  /** Waits until the server of a namespace was called often enough for anybody to tell how. */
  async function counted(namespace: string): Promise<void> {
    const counters = prometheus({ url: metrics });
    const calls = async () => {
      await reaches(cluster, namespace, 'web', namespace);
      const query = `sum(istio_requests_total{destination_workload_namespace="${namespace}"})`;
      return (await counters.query(query)).series[0]?.value ?? 0;
    };
    await eventually(calls, (count) => count > 3, 60);
    await counters.close();
  }

  it('require-mtls refuses where plaintext was seen', async () => {
    await answered(plain, 'bare', plain, true);
    const card = await cards.propose(`fix require-mtls ${plain}`);
    await cards.says(card, /plaintext|no longer reach/, 60);
    assert.ok(!card.buttons.includes('Approve'));
  });

  it('require-mtls: plaintext is refused once it is applied, and taken again once it is undone', () =>
    cards.withFixer(ready, async () => {
      await answered(ready, 'web', ready, true);
      await counted(ready);
      const card = await cards.propose(`fix require-mtls ${ready}`);
      await cards.offers(card, 'Approve', 90);
      await cards.click(card, 'Approve');
      await cards.says(card, 'Fixed', 300);
      await answered(plain, 'bare', ready, false);
      await answered(ready, 'web', ready, true);
      await cards.undo(card);
      await answered(plain, 'bare', ready, true);
    }));
});
