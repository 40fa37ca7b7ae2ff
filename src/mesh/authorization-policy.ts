import { describeRef } from '../model/finding.ts';
import type { AuthorizationPolicy } from '../model/traffic-config.ts';
import type { Labels } from '../model/workload.ts';
import type { Peer } from './authorization-attribute.ts';
import { type Match, matchRule, requestFields } from './authorization-rule.ts';
import type { Istiod } from './istiod.ts';
import { selects } from './selector.ts';

/** Whether a server's policies let a caller in, and what decides it. */
export interface Authorization {
  readonly outcome: 'works' | 'fails' | 'unknown';
  readonly because: readonly string[];
}

/**
 * The policies that a server's proxy enforces: of its namespace and of the root namespace. Those with `targetRefs` are
 * for gateways and waypoints, a dry run enforces nothing, and AUDIT only logs.
 *
 * @see istio pilot/pkg/model/authorization.go: ListAuthorizationPolicies
 */
export function policiesFor(
  server: { readonly namespace: string; readonly labels: Labels },
  { authorizationPolicies, revision }: Pick<Istiod, 'authorizationPolicies' | 'revision'>,
): readonly AuthorizationPolicy[] {
  return [...new Set([revision.rootNamespace, server.namespace])]
    .flatMap((namespace) => authorizationPolicies.get(namespace) ?? [])
    .filter(({ selector, targetRefs, dryRun, action }) => {
      return targetRefs.length === 0 && !dryRun && action !== 'AUDIT' && selects(selector, server.labels);
    });
}

/**
 * CUSTOM is asked first, then DENY, then ALLOW: where any ALLOW policy is there, one of its rules must match.
 *
 * @see istio pilot/pkg/security/authz/builder/builder.go
 */
export function authorize(policies: readonly AuthorizationPolicy[], peer: Peer): Authorization {
  const matched = policies.map((policy) => ({ policy, match: matchPolicy(policy, peer) }));
  const of = (action: AuthorizationPolicy['action'], ...matches: readonly Match[]) =>
    matched
      .filter(({ policy, match }) => policy.action === action && matches.includes(match))
      .map(({ policy }) => policy);

  const denied = of('DENY', 'yes');
  if (denied.length > 0) return fails(`${names(denied)} denies it`);
  const allows = of('ALLOW', 'yes', 'no', 'depends');
  const allowed = of('ALLOW', 'yes');
  const perhaps = of('ALLOW', 'depends');
  if (allows.length > 0 && allowed.length + perhaps.length === 0) return fails(refusal(allows, peer));

  const asked = of('CUSTOM', 'yes', 'depends');
  const open = [...of('DENY', 'depends'), ...(allowed.length > 0 ? [] : perhaps)];
  const doubts = [...asked.map(askedSentence), ...open.map(openSentence)];
  if (doubts.length > 0) return { outcome: 'unknown', because: doubts };
  return { outcome: 'works', because: allowed.length > 0 ? [`${names(allowed)} allows it`] : [] };
}

function matchPolicy(policy: AuthorizationPolicy, peer: Peer): Match {
  const matches = policy.rules.map((rule) => matchRule(rule, policy, peer));
  if (matches.includes('yes')) return 'yes';
  return matches.includes('depends') ? 'depends' : 'no';
}

function fails(sentence: string): Authorization {
  return { outcome: 'fails', because: [sentence] };
}

function refusal(allows: readonly AuthorizationPolicy[], { identity }: Peer): string {
  const who = identity === undefined ? 'a caller that shows no certificate' : 'others only, not this caller';
  return identity === undefined ? `${names(allows)} does not allow ${who}` : `${names(allows)} allows ${who}`;
}

function askedSentence(policy: AuthorizationPolicy): string {
  return `${describeRef(policy)} leaves it to the external authorizer ${policy.provider ?? 'it names'}`;
}

function openSentence(policy: AuthorizationPolicy): string {
  const fields = [...new Set(policy.rules.flatMap(requestFields))];
  const what = fields.length > 0 ? fields.join(', ') : 'addresses that change';
  return `${describeRef(policy)} (${policy.action}) decides each request by ${what}`;
}

function names(policies: readonly AuthorizationPolicy[]): string {
  return policies.map(describeRef).join(', ');
}
