import { restsOn } from '../mesh/because.ts';
import { describeRef } from '../model/finding.ts';
import type { Change, FixTarget, Verification } from '../model/fix.ts';
import type { Connection, Demand, Report } from '../model/report.ts';
import { listed } from '../model/statement.ts';
import { basisIn, proxiesBehind } from './proxies-behind.ts';

/** Whether a namespace demands mTLS by the policy that was written, its proxies know it, and nobody is shut out. */
export function judgeStrict(report: Report, { namespace = '' }: FixTarget, { name }: Change): Verification {
  const { demands, connections } = report;
  if (demands === undefined || connections === undefined) {
    return { state: 'waiting', says: `What ${namespace} demands could not be seen.` };
  }
  const own = demands.filter(({ workload, mode }) => workload.namespace === namespace && mode !== 'NONE');
  const isOurs = ({ decidedBy }: Demand) => decidedBy.some((one) => one.namespace === namespace && one.name === name);
  const byOurs = own.filter(isOurs);
  if (byOurs.length === 0 || byOurs.some(({ mode }) => mode !== 'STRICT')) {
    return {
      state: 'waiting',
      says: `PeerAuthentication ${namespace}/${name} does not make ${namespace} demand mTLS.`,
    };
  }
  const policy = { kind: 'PeerAuthentication', namespace, name };
  const shut = connections.filter((one) => isShutOut(one) && restsOn(one, policy));
  const behind = proxiesBehind(
    report,
    byOurs.map(({ workload }) => `${workload.namespace}/${workload.name}`),
  );
  if (shut.length > 0) return { state: 'failed', says: `${placesOf(shut)} refuses plaintext that is still sent.` };
  if (behind !== undefined) return { state: 'waiting', says: behind };
  const open = connections.filter((one) => one.outcome === 'unknown' && restsOn(one, policy));
  if (open.length > 0) return { state: 'waiting', says: `Whether ${placesOf(open)} still works is not known.` };
  if (!isWireSeen(report))
    return { state: 'waiting', says: `No metrics came in, so who calls ${namespace} is not known.` };
  const kept = own.filter(({ mode }) => mode !== 'STRICT').map(({ workload }) => describeRef(workload));
  const except = kept.length === 0 ? '' : `, except ${listed([...new Set(kept)])} by policies of their own`;
  return { state: 'done', says: `${namespace} demands mTLS${except}, and no caller is shut out, ${basisIn(report)}.` };
}

/** Callers elsewhere, and those without a proxy, are known by metrics alone. */
function isWireSeen({ coverage }: Report): boolean {
  const looked = coverage.find(({ kind }) => kind === 'observed');
  return looked?.status === 'collected' && (looked.seen > 0 || looked.of === 0);
}

function isShutOut({ outcome, demanded, wire }: Connection): boolean {
  return outcome === 'fails' && wire === 'plaintext' && demanded.includes('STRICT');
}

function placesOf(connections: readonly Connection[]): string {
  const pairs = connections.map(({ client, server, port }) => `${client.workload} → ${server.workload}:${port}`);
  return listed([...new Set(pairs)]);
}
