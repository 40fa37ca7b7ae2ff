import type { Policy } from '../../model/policy.ts';
import type { Plan } from '../../model/remediation.ts';
import { line, richText } from '../../report/fix-parts.ts';
import type { SlackMessage } from '../../report/slack-message.ts';

const mostMentions = 10;

/** Who may approve, by the names of their roles. */
export function approverNames({ rule: { approvers } }: Plan): string {
  return approvers.join(' or ');
}

/** The message, with those who may approve mentioned: their groups first. */
export function withMentions(message: SlackMessage, { rule }: Plan, { roles }: Policy): SlackMessage {
  const named = rule.approvers.flatMap((name) => roles[name] ?? []);
  const mentions = [
    ...named.flatMap(({ groups }) => groups).map((id) => ({ type: 'usergroup' as const, usergroup_id: id })),
    ...named.flatMap(({ users }) => users).map((id) => ({ type: 'user' as const, user_id: id })),
  ].slice(0, mostMentions);
  if (mentions.length === 0) return message;
  const spaced = mentions.flatMap((one) => [one, { type: 'text' as const, text: ' ' }]);
  return { ...message, blocks: [...message.blocks, richText(line(...spaced))] };
}
