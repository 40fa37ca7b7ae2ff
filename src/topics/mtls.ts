import { certificate } from '../checks/certificate.ts';
import { mtlsConnections } from '../checks/mtls-connections.ts';
import { mtlsObserved } from '../checks/mtls-observed.ts';
import { mtlsPolicy } from '../checks/mtls-policy.ts';
import { policyOverlap } from '../checks/policy-overlap.ts';
import { proxyConfig } from '../checks/proxy-config.ts';
import { proxyMissing } from '../checks/proxy-missing.ts';
import { recentChange } from '../checks/recent-change.ts';
import { connectionsAsked } from '../mesh/connections-asked.ts';
import { demandsOf } from '../mesh/demand.ts';
import { withSeen } from '../mesh/observed.ts';
import type { Report } from '../model/report.ts';
import { contains } from '../model/target.ts';
import { defineTopic } from '../model/topic.ts';

export const mtls = defineTopic({
  id: 'mtls',
  title: 'mTLS',
  question: 'Is mTLS demanded, do callers send it, and who stands outside the mesh?',
  scope: 'namespace',
  checks: [
    mtlsConnections,
    mtlsObserved,
    mtlsPolicy,
    policyOverlap,
    proxyMissing,
    proxyConfig,
    recentChange,
    certificate,
  ],
  allWell: (place, coverage) =>
    `Every workload in ${place} accepts only mTLS, and ${callersIn(coverage)} sends it, ${basisOf(coverage)}`,
  cannotTell: (place) => `I cannot tell whether ${place} uses mTLS`,
  needs: mtlsConnections.needs,
  wants: ['observed'],
  facts: (view, target, { observed }) => ({
    demands: view.workloads
      .filter((workload) => contains(target, workload))
      .flatMap((workload) => demandsOf(workload, view.peerAuthentications, view.controlPlane)),
    connections: withSeen(connectionsAsked(view, target), observed, view.workloads),
  }),
});

/** Callers of namespaces that may not be read are none of those that were judged. */
function callersIn(coverage: Report['coverage']): string {
  const isWhole = coverage.every((one) => one.status === 'missing' || (one.unread ?? []).length === 0);
  return isWhole ? 'every caller' : 'every caller that I may look at';
}

/** What the verdict rests on: without the proxies' own word it is what the objects say. */
function basisOf(coverage: Report['coverage']): string {
  const proxies = coverage.find(({ kind }) => kind === 'proxies');
  if (proxies?.status !== 'collected' || proxies.seen === 0) return 'by policy';
  return `by policy and in ${proxies.seen} of ${proxies.of} proxies`;
}
