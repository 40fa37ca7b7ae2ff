import { restsOn } from '../mesh/because.ts';
import { fullHost, isWithin, serviceHost } from '../mesh/hosts.ts';
import type { Change, FixTarget, Verification } from '../model/fix.ts';
import type { Connection, Report } from '../model/report.ts';
import { listed } from '../model/statement.ts';
import { callsIn } from './calls.ts';
import { isMapping } from './content.ts';
import { basisIn, proxiesBehind } from './proxies-behind.ts';

/**
 * Whether calls that the rule is for work, none fails because of it or by the TLS of another object, and proxies know
 * it. A caller without a proxy opens no TLS by any rule: that it is refused is not the fix's matter.
 */
export function judgeAligned(
  report: Report,
  { namespace = '', name = '' }: FixTarget,
  { after }: Change,
): Verification {
  const { connections } = report;
  if (connections === undefined)
    return { state: 'waiting', says: `Who reaches whom in ${namespace} could not be seen.` };
  const host = isMapping(after?.spec) && typeof after.spec.host === 'string' ? after.spec.host : '';
  const callers = connections
    .filter((one) => isFor(one, host, namespace))
    .map(({ client }) => `${client.namespace}/${client.workload}`);
  const behind = proxiesBehind(report, callers);
  if (behind !== undefined) return { state: 'waiting', says: behind };
  const rule = { kind: 'DestinationRule', namespace, name };
  const failing = connections.filter((one) => one.outcome === 'fails' && restsOn(one, rule));
  if (failing.length > 0)
    return { state: 'failed', says: `${callsIn(failing, 'still fails', 'still fail')} because of the rule.` };
  const open = connections.filter((one) => one.outcome === 'unknown' && restsOn(one, rule));
  if (open.length > 0) return { state: 'waiting', says: `Whether ${callsIn(open, 'works', 'work')} is not known.` };
  const refused = connections.filter(
    (one) => isFor(one, host, namespace) && isRefusedByTls(one) && !isOutsider(one, report),
  );
  if (refused.length > 0) {
    const why = `not by this rule; /mesh mtls ${namespace} says by what`;
    return { state: 'waiting', says: `${callsIn(refused, 'still fails by TLS', 'still fail by TLS')}, ${why}.` };
  }
  const working = connections.filter((one) => one.outcome === 'works' && isFor(one, host, namespace));
  if (working.length === 0) return { state: 'waiting', says: `No call to ${host} is seen to work.` };
  const sent = listed([...new Set(working.map((one) => one.sent))]);
  return {
    state: 'done',
    says: `${callsIn(working, 'uses', 'use')} ${sent}, and no call fails because of the rule, ${basisIn(report)}.`,
  };
}

/** What is sent, and what is demanded where it arrives, do not go together; a policy's denial is something else. */
function isRefusedByTls({ outcome, wire, sent, demanded }: Connection): boolean {
  if (outcome !== 'fails' || wire === 'none') return false;
  const demands = demanded.split(' or ');
  return sent.split(' or ').some((one) => {
    if (one === 'plaintext') return demands.includes('STRICT');
    if (one === 'mTLS') return demands.includes('NONE') || demands.includes('DISABLE');
    return one.startsWith('TLS');
  });
}

function isOutsider({ client }: Connection, { findings }: Report): boolean {
  return findings.some(
    ({ check, code, subject }) =>
      check === 'mtls-connections' &&
      code === 'outsider-refused' &&
      subject.namespace === client.namespace &&
      subject.name === client.workload,
  );
}

/** Reports name Services by their short names: whatever the cluster's domain is called, it is left out. */
function isFor({ server, service }: Connection, host: string, namespace: string): boolean {
  const full = fullHost(host, namespace, anyDomain).replace(/\.svc\..*$/, `.svc.${anyDomain}`);
  return isWithin(serviceHost(service, server.namespace, anyDomain), full);
}

const anyDomain = 'cluster.local';
