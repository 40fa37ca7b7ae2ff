import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { changedConnections, effectOn, underStrict } from '../../src/mesh/strict.ts';
import { withPodsToCome } from '../../src/mesh/template-pods.ts';
import type { Workload } from '../../src/model/workload.ts';
import { all, service, view, workload } from './view.ts';

const server = workload('shop/api');
const everybody = { clients: () => true, servers: () => true };

/** What becomes of each caller of `api` if it demands mTLS. */
function effects(workloads: readonly Workload[]): readonly string[] {
  const mesh = withPodsToCome(view({ workloads, services: [service([server])] }));
  return changedConnections(
    mesh,
    everybody,
  )(underStrict(mesh, 'shop')).map((change) => {
    const { kind, workload: name } = change.before.client;
    return `${kind} ${name} ${effectOn(change)}`;
  });
}

describe('going STRICT', () => {
  it('keeps callers of the same name apart', () => {
    const deployment = workload('shop/web');
    const job = { ...workload('shop/web', { proxy: 'none' }), kind: 'CronJob' };
    for (const callers of [
      [deployment, job],
      [job, deployment],
    ]) {
      assert.deepEqual(effects([server, ...callers]).toSorted(), [
        'CronJob web breaks',
        'Deployment api none',
        'Deployment web none',
      ]);
    }
  });

  it('keeps servers of the same name apart', () => {
    const [pod] = server.pods;
    assert.ok(pod);
    const twin = { ...server, kind: 'StatefulSet', pods: [{ ...pod, name: 'api-twin' }] };
    const mesh = view({ workloads: [server, twin], services: [service([server, twin])] });
    assert.deepEqual(
      all(mesh).map(({ client, server: to, outcome }) => `${client.kind} ${to.kind} ${outcome}`),
      [
        'Deployment Deployment works',
        'Deployment StatefulSet works',
        'StatefulSet Deployment works',
        'StatefulSet StatefulSet works',
      ],
    );
  });

  it('looks at callers that have no pod now, and leads nobody to them', () => {
    const idle = { ...workload('shop/nightly', { pods: [] }), kind: 'CronJob' };
    assert.deepEqual(effects([server, idle]), ['Deployment api none', 'CronJob nightly breaks']);
    const mesh = view({ workloads: [server, idle], services: [service([server, idle])] });
    const toIdle = (one: typeof mesh) => all(one).filter((call) => call.server.workload === 'nightly');
    assert.deepEqual(
      toIdle(withPodsToCome(mesh)).map(({ outcome, wire }) => `${outcome} ${wire}`),
      toIdle(mesh).flatMap(({ outcome, wire }) => [`${outcome} ${wire}`, `${outcome} ${wire}`]),
    );
  });

  it('takes no pod that is to come for one that runs', () => {
    const [pod] = server.pods;
    assert.ok(pod);
    const bare = { ...server, kind: 'Pod', name: 'nightly', pods: [{ ...pod, name: 'nightly' }] };
    const idle = { ...workload('shop/nightly', { proxy: 'none', pods: [] }), kind: 'CronJob' };
    const mesh = withPodsToCome(view({ workloads: [bare, idle], services: [service([bare])] }));
    const [own] = all(mesh).filter(({ client }) => client.kind === 'Pod');
    assert.equal(own?.wire, 'mtls');
  });

  it('makes up no pod beside those that run', () => {
    const mesh = view({ workloads: [server] });
    assert.equal(withPodsToCome(mesh).workloads[0], server);
  });
});
