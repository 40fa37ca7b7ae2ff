import { describeWindows } from '../model/change-window.ts';
import type { DigestRule, FixRule, LookRule, Policy } from '../model/policy.ts';

/** What a policy allows, for a terminal. */
export function policyText(policy: Policy): string {
  const { roles, people, fixes, freeze, look, digests } = policy;
  const lines = [
    `This policy can be followed: ${counted(fixes.length, 'rule')}, ${counted(Object.keys(roles).length, 'role')}, ${counted(Object.keys(people).length, 'mapped account')}.`,
    '',
    ...fixes.flatMap(ruleLines),
    ...(fixes.length === 0 ? ['Nobody may apply a fix.'] : []),
    `All fixes are stopped by ${oneOf(freeze.freeze)}, and let go on by ${oneOf(freeze.unfreeze)}.`,
    ...(look === undefined ? ['Everyone may ask about everything, from every channel.'] : look.map(lookLine)),
    ...digests.map(digestLine),
    `SHA-256 ${policy.hash}`,
  ];
  return `${lines.join('\n')}\n`;
}

function ruleLines(rule: FixRule, index: number): readonly string[] {
  const { fixes, clusters, namespaces, request, approve, approvals, selfApproval, expiresMinutes, breakGlass } = rule;
  const self = selfApproval ? 'also by whoever asked' : 'not by whoever asked';
  return [
    `${index + 1}. ${named(fixes, 'every fix')} in ${named(namespaces, 'every namespace')} of ${named(clusters, 'every cluster')}`,
    `   asked for by ${oneOf(request)}, approved by ${approvals} of ${oneOf(approve)}, ${self}, within ${expiresMinutes} min`,
    ...(rule.windows.length === 0 ? [] : [`   applied only ${describeWindows(rule)}`]),
    ...(breakGlass === undefined
      ? []
      : [`   in an emergency by ${oneOf(breakGlass.roles)} alone, within ${breakGlass.expiresMinutes} min`]),
  ];
}

function lookLine({ roles, clusters, namespaces, channels }: LookRule): string {
  const where = named(channels, 'every channel without people from outside');
  return `${oneOf(roles)} may ask about ${named(namespaces, 'every namespace')} of ${named(clusters, 'every cluster')} from ${where}.`;
}

function digestLine({ schedule, namespaces, topics = ['doctor'], cluster, channel }: DigestRule): string {
  return `A digest of ${namespaces.join(', ')} (${topics.join(', ')}) of ${cluster ?? 'every cluster'} goes to ${channel}, ${schedule}.`;
}

function named(patterns: readonly string[], all: string): string {
  return patterns.map((pattern) => (pattern === '*' ? all : pattern)).join(', ');
}

function oneOf(roles: readonly string[]): string {
  return roles.length === 0 ? 'nobody' : roles.join(' or ');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
