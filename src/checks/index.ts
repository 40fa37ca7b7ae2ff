import type { Check } from '../model/check.ts';
import { mtlsConnections } from './mtls-connections.ts';
import { mtlsPolicy } from './mtls-policy.ts';
import { policyOverlap } from './policy-overlap.ts';
import { proxyMissing } from './proxy-missing.ts';

/** Every check, sorted by id. A check that is not listed here does not exist. */
export const checks: readonly Check[] = [mtlsConnections, mtlsPolicy, policyOverlap, proxyMissing];
