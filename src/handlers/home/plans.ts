import { describeFixTarget } from '../../model/fix.ts';
import { mayApprove, mayUndo } from '../../model/policy-decisions.ts';
import { isSettled, type Remediation } from '../../model/remediation.ts';
import { bold, line, list, note, richText, text, time } from '../../report/fix-parts.ts';
import { headlineOf } from '../../report/fix-status.ts';
import { isRefused } from '../../report/fix-trial.ts';
import type { AnyBlock } from '../../report/slack-message.ts';
import type { FixVisit, Section } from './section.ts';

const most = 10;

/** What this person could approve now. */
export const waitingForMe: Section<FixVisit> = async (visit) => {
  const { person, remediations, deps } = visit;
  const now = deps.now().toISOString();
  const mine = remediations.filter((one) => {
    const { plan, state, approvals } = one;
    if (state !== 'proposed' || plan.expiresAt <= now || isRefused(one)) return false;
    const { policy } = deps.fixes;
    const decision =
      plan.undoOf === undefined ? mayApprove(policy, person, plan, { approvals, now }) : mayUndo(policy, person, plan);
    return decision.allowed;
  });
  if (mine.length === 0) return [richText(line(text(nothingWaits(visit))))];
  const soonest = mine.toSorted((a, b) => a.plan.expiresAt.localeCompare(b.plan.expiresAt));
  const lacking = visit.unread === 0 ? [] : [note(unreadSentence(visit))];
  return [...(await plansBlocks(`${mine.length} to approve`, soonest, visit)), ...lacking];
};

function nothingWaits(visit: FixVisit): string {
  if (visit.unread === 0) return 'Nothing waits for your approval.';
  return `Nothing that I could read waits for your approval. ${unreadSentence(visit)}`;
}

function unreadSentence({ unread }: FixVisit): string {
  return `${unread} more ${unread === 1 ? 'plan' : 'plans'} could not be read: look at the cards, or open this page again in a minute.`;
}

/** What this person asked for and is not over. */
export const askedByMe: Section<FixVisit> = async (visit) => {
  const mine = visit.remediations.filter((one) => one.plan.requestedBy.user === visit.actor.user && !isSettled(one));
  const newest = mine.toSorted((a, b) => b.plan.requestedAt.localeCompare(a.plan.requestedAt));
  return mine.length === 0 ? [] : plansBlocks('You asked for', newest, visit);
};

async function plansBlocks(
  title: string,
  remediations: readonly Remediation[],
  visit: FixVisit,
): Promise<readonly AnyBlock[]> {
  const shown = remediations.slice(0, most);
  const items = await Promise.all(shown.map((one) => planItem(one, visit)));
  const left = remediations.length - shown.length;
  return [richText(line(bold(title)), list(items)), ...(left > 0 ? [note(`${left} more are not shown.`)] : [])];
}

async function planItem(remediation: Remediation, visit: FixVisit) {
  const { plan, state } = remediation;
  const place = ` · ${describeFixTarget(plan.target)} · ${plan.target.cluster}`;
  const url = await cardLink(remediation, visit);
  return [
    bold(headlineOf(remediation)),
    text(place),
    ...(state === 'proposed' ? [text(' · until '), time(plan.expiresAt)] : []),
    ...(url === undefined ? [] : [text(' · '), { type: 'link' as const, url, text: 'Open its card' }]),
  ];
}

/** Buttons count on the card alone, where the diff is. */
async function cardLink({ plan, card }: Remediation, { slack, deps }: FixVisit): Promise<string | undefined> {
  const original = plan.undoOf === undefined ? undefined : await deps.fixes.remediations.load(plan.undoOf);
  const place = original?.card ?? card;
  if (place === undefined) return undefined;
  try {
    return (await slack.chat.getPermalink({ channel: place.channel, message_ts: place.ts })).permalink;
  } catch (error) {
    deps.log.warn({ error, plan: plan.id }, 'Slack gives no link to a card');
    return undefined;
  }
}
