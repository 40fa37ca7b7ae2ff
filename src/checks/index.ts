import type { Check } from '../model/check.ts';
import { certificate } from './certificate.ts';
import { mtlsConnections } from './mtls-connections.ts';
import { mtlsObserved } from './mtls-observed.ts';
import { mtlsPolicy } from './mtls-policy.ts';
import { policyOverlap } from './policy-overlap.ts';
import { proxyConfig } from './proxy-config.ts';
import { proxyMissing } from './proxy-missing.ts';
import { recentChange } from './recent-change.ts';
import { strictReadiness } from './strict-readiness.ts';
import { userWorkloadMonitoring } from './user-workload-monitoring.ts';

/** Every check, sorted by id. A check that is not listed here does not exist. */
export const checks: readonly Check[] = [
  certificate,
  mtlsConnections,
  mtlsObserved,
  mtlsPolicy,
  policyOverlap,
  proxyConfig,
  proxyMissing,
  recentChange,
  strictReadiness,
  userWorkloadMonitoring,
];
