import type { Observed } from '../model/observed.ts';
import { contains, type Target } from '../model/target.ts';
import type { Workload } from '../model/workload.ts';
import type { MeshView } from './mesh-view.ts';
import { bySender } from './observed.ts';
import { amountOf, howToSeeAnew } from './observed-window.ts';
import { newDemands } from './strict.ts';
import { type Doubt, whoIs } from './strict-doubts.ts';

/**
 * Plaintext that came to workloads which are not there by that name: they are gone, or a label or an operator gives
 * them another name in the metrics. Which policy is theirs is not known, so the namespace's counts.
 */
export function doubtsOfStrangers(
  { before, after }: { readonly before: MeshView; readonly after: MeshView },
  observed: Observed,
  target: Target,
): readonly Doubt[] {
  const known = new Set(before.workloads.map(({ namespace, name }) => `${namespace}/${name}`));
  const strange = observed.traffic.filter(({ wire, server: { namespace, workload: name } }) => {
    return wire === 'plaintext' && !known.has(`${namespace}/${name}`) && contains(target, { namespace, name });
  });
  const byServer = Map.groupBy(strange, ({ server }) => `${server.namespace}/${server.workload}`);
  return [...byServer.values()].flatMap((traffic) => {
    const [{ server } = { server: { namespace: '', workload: '' } }] = traffic;
    const stranger = strangerOf(server.namespace, server.workload);
    if (newDemands(stranger, before, after) === 'none') return [];
    const next = `Look which workload has that name in the metrics; ${howToSeeAnew(observed)}.`;
    return Array.from(bySender(traffic), ([sender, sent]): Doubt => {
      const to = `${whoIs(sender)} called it in plaintext, and no workload of this name is there now`;
      const { kind, namespace, name } = stranger;
      return { code: 'cannot-tell', subject: { kind, namespace, name }, to, detail: [amountOf(sent, observed)], next };
    });
  });
}

function strangerOf(namespace: string, name: string): Workload {
  const unknown = { labels: {}, annotations: {}, serviceAccount: 'default', ports: [], hostNetwork: false, pods: [] };
  return { kind: 'Workload', namespace, name, ...unknown };
}
