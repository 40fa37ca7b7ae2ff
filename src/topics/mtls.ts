import { mtlsConnections } from '../checks/mtls-connections.ts';
import { mtlsPolicy } from '../checks/mtls-policy.ts';
import { policyOverlap } from '../checks/policy-overlap.ts';
import { proxyMissing } from '../checks/proxy-missing.ts';
import { connections } from '../mesh/connections.ts';
import { demandsOf } from '../mesh/demand.ts';
import { contains, mayCall } from '../model/target.ts';
import { defineTopic } from '../model/topic.ts';

export const mtls = defineTopic({
  id: 'mtls',
  title: 'mTLS',
  question: 'Is mTLS demanded, do callers send it, and who stands outside the mesh?',
  checks: [mtlsConnections, mtlsPolicy, policyOverlap, proxyMissing],
  allWell: (place) => `Every workload in ${place} accepts only mTLS, and every caller sends it`,
  cannotTell: (place) => `I cannot tell whether ${place} uses mTLS`,
  needs: mtlsConnections.needs,
  facts: (view, target) => ({
    demands: view.workloads
      .filter((workload) => contains(target, workload))
      .flatMap((workload) => demandsOf(workload, view.peerAuthentications, view.controlPlane)),
    connections: connections(view, { servers: (one) => contains(target, one), clients: (one) => mayCall(target, one) }),
  }),
});
