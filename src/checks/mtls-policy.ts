import { demandsOf } from '../mesh/demand.ts';
import { defineCheck } from '../model/check.ts';
import { type Ref, ref } from '../model/finding.ts';
import type { Demand } from '../model/report.ts';
import { contains } from '../model/target.ts';

const codeOf = { STRICT: 'strict', PERMISSIVE: 'permissive', DISABLE: 'disabled', NONE: 'unprotected' } as const;

/** What each workload demands of its callers, by policy. What callers send is another check's question. */
export const mtlsPolicy = defineCheck({
  id: 'mtls-policy',
  title: 'mTLS demanded by policy',
  needs: ['controlPlane', 'peerAuthentications', 'workloads'],
  codes: {
    strict: { severity: 'ok', one: 'accepts only mTLS', many: 'accept only mTLS' },
    permissive: {
      severity: 'warning',
      one: 'accepts plaintext as well as mTLS',
      many: 'accept plaintext as well as mTLS',
      next: 'Ask with --strict-ready who would break, then set PeerAuthentication mode STRICT.',
    },
    disabled: {
      severity: 'error',
      one: 'accepts only plaintext',
      many: 'accept only plaintext',
      next: 'Find out why mTLS was turned off here: a caller without a sidecar may depend on it.',
    },
    unprotected: {
      severity: 'warning',
      one: 'is outside the mesh, so no policy is enforced there',
      many: 'are outside the mesh, so no policy is enforced there',
      next: 'Label the namespace for injection and restart the workload, or leave it out on purpose.',
    },
    'partly-outside': {
      severity: 'error',
      one: 'has pods outside the mesh, where no policy is enforced',
      many: 'have pods outside the mesh, where no policy is enforced',
      next: 'Restart those pods, so that they are injected like the others.',
    },
    gateway: {
      severity: 'info',
      one: 'is a gateway: its Gateway says what it accepts, not a PeerAuthentication',
      many: 'are gateways: their Gateways say what they accept, not PeerAuthentications',
    },
  },
  *evaluate({ controlPlane, peerAuthentications, workloads }, target) {
    for (const workload of workloads.filter((one) => contains(target, one))) {
      const demands = demandsOf(workload, peerAuthentications, controlPlane);
      if (demands.length === 0) yield { code: 'gateway', subject: ref(workload) };
      for (const demand of demands) yield observation(demand);
      const [{ outside, mode } = { outside: [], mode: 'NONE' }] = demands;
      if (outside.length > 0 && mode !== 'NONE') {
        yield { code: 'partly-outside', subject: ref(workload), detail: outside };
      }
    }
  },
});

function observation({ workload, port, mode, decidedBy }: Demand) {
  const subject: Ref = port === undefined ? workload : { ...workload, port };
  const detail = mode === 'PERMISSIVE' && decidedBy.length === 0 ? ['no policy says otherwise'] : [];
  return {
    code: codeOf[mode],
    subject,
    because: decidedBy,
    detail,
  };
}
