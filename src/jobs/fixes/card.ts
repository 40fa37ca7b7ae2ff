import { createHash } from 'node:crypto';
import { ruleFor } from '../../model/policy-decisions.ts';
import type { Remediation, Step } from '../../model/remediation.ts';
import { cardMessage } from '../../report/fix-card.ts';
import { changeFile } from '../../report/fix-file.ts';
import { emergencyMessage, reminderMessage, stepMessage } from '../../report/fix-messages.ts';
import { note as quietLine } from '../../report/fix-parts.ts';
import type { CardView } from '../../report/fix-status.ts';
import { isRefused } from '../../report/fix-trial.ts';
import { planningMessage } from '../../report/planning.ts';
import type { SlackMessage } from '../../report/slack-message.ts';
import { rootId } from '../asks.ts';
import { attach } from '../attach.ts';
import { type Delivery, deliveryOf } from '../delivery.ts';
import { DeliveryError } from '../messenger.ts';
import { type DeliveryRecord, isSent } from '../records.ts';
import { approverNames, withMentions } from './approvers.ts';
import type { FixDeps, Looked } from './deps.ts';
import { minutesAfter } from './offer.ts';
import { lastsUntil } from './verify.ts';

/** Of the time that a plan has, how much goes by before people are reminded. */
const remindAfter = 2 / 3;

/**
 * Shows a plan as it is now: its card, and in the card's thread each step once and the whole change. What Slack does
 * not take now is for the next look: gives the time until then where Slack named one.
 */
export async function show(looked: Looked, deps: FixDeps): Promise<number | undefined> {
  const { plan } = looked.remediation;
  try {
    const undo = await undoOf(looked.remediation, deps);
    const record = await deps.records.open(plan.id);
    const delivery = deliveryOf({ requestId: plan.id, channel: plan.channel }, record, deps);
    const root = await showCard(looked, undo, { record, delivery }, deps);
    await showThread(looked.remediation, undo, { delivery, root }, deps);
    return undefined;
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    const { reason, code, retryAfterMs } = error.failure;
    deps.watch.putOff(reason);
    deps.log.warn({ plan: plan.id, reason, code }, 'A plan is not shown as it is');
    return retryAfterMs;
  }
}

async function undoOf(r: Remediation, deps: FixDeps): Promise<Remediation | undefined> {
  return 'undoneBy' in r && r.undoneBy !== undefined ? deps.remediations.load(r.undoneBy) : undefined;
}

interface Shown {
  readonly record: DeliveryRecord;
  readonly delivery: Delivery;
}

async function showCard(
  looked: Looked,
  undo: Remediation | undefined,
  { record, delivery }: Shown,
  deps: FixDeps,
): Promise<string> {
  const { plan, card } = looked.remediation;
  const message = withNote(cardMessage(looked.remediation, undo, await viewOf(looked, deps)), looked);
  const channel = record.direct?.channel ?? plan.channel;
  const part = standing(record);
  const ts = await delivery.post(part, planningMessage(plan));
  const keepPlace = async (at: string): Promise<void> => {
    if (card?.ts === at && card.channel === channel) return;
    await deps.remediations.pin(plan.id, { card: { channel, ts: at } });
    await remember(plan, { channel, ts: at }, deps);
  };
  // A click counts only on the card that is known: it is known before it has buttons.
  await keepPlace(ts);
  const mark = createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 16);
  if (record.parts.get('shown') === mark) return ts;
  const root = await delivery.replace(part, ts, message);
  if (root !== ts) await keepPlace(root);
  await deps.records.setPart(plan.id, 'shown', mark);
  return root;
}

/** In the card's thread the fix can be asked for again. The card stands without that. */
async function remember(
  { fix, target, requestedBy }: Remediation['plan'],
  { channel, ts }: { readonly channel: string; readonly ts: string },
  { asks, log }: FixDeps,
): Promise<void> {
  const place = [target.namespace, target.name].filter((name) => name !== undefined).join('/');
  const words = ['fix', fix, place, '--cluster', target.cluster].filter((word) => word !== '');
  try {
    await asks.save(rootId(channel, ts), { command: words.join(' '), channel, team: requestedBy.team });
  } catch (error) {
    log.warn({ error }, 'What a card stands for was not remembered');
  }
}

/** The message that shows it: the first one, or what took its place when somebody deleted that. */
function standing({ parts }: DeliveryRecord): string {
  let part = 'anchor';
  while (isSent(parts.get(`${part}-again`))) part = `${part}-again`;
  return part;
}

async function viewOf({ remediation: r, note }: Looked, deps: FixDeps): Promise<CardView> {
  const frozen = await deps.remediations.freeze.get();
  const { plan, state } = r;
  const rule = ruleFor(deps.policy, plan.fix, plan.target);
  return {
    approverNames: approverNames(plan),
    now: deps.now().toISOString(),
    ...(frozen !== undefined && { frozen }),
    ...(state === 'applied' && note !== undefined && { checked: note }),
    ...(state === 'applied' && { watchedUntil: new Date(lastsUntil(r, deps)).toISOString() }),
    ...('written' in r && {
      undoUntil: minutesAfter(new Date(r.written.at), deps.fixOf(plan.fix).undoWithinMinutes),
    }),
    ...(rule?.breakGlass !== undefined && { breakGlass: true }),
  };
}

/** What it waits for, where the card does not say so by itself. */
function withNote(message: SlackMessage, { remediation: { state }, note }: Looked): SlackMessage {
  if (note === undefined || state === 'applied') return message;
  return { ...message, blocks: [...message.blocks, quietLine(note)] };
}

interface Thread {
  readonly delivery: Delivery;
  readonly root: string;
}

async function showThread(
  r: Remediation,
  undo: Remediation | undefined,
  { delivery, root }: Thread,
  deps: FixDeps,
): Promise<void> {
  await attach(delivery, changeFile(r.plan), root, deps.log);
  // The first step is the card itself.
  for (const [index, step] of r.steps.entries()) {
    if (index > 0) await delivery.post(`step-${index}`, tellingOf(step, r, deps), root);
  }
  for (const [index, step] of (undo?.steps ?? []).entries()) {
    if (index > 0) await delivery.post(`${undo?.plan.id}-step-${index}`, stepMessage(step), root);
  }
  await remind(r, { delivery, root }, deps);
}

/** Who could have approved hears of it where somebody did alone. */
function tellingOf(step: Step, { plan, approvals }: Remediation, { policy }: FixDeps): SlackMessage {
  const alone = approvals.find(({ breakGlass, at, by }) => breakGlass && at === step.at && by.user === step.by?.user);
  return alone === undefined ? stepMessage(step) : withMentions(emergencyMessage(plan, alone), plan, policy);
}

/** Once, a while before it expires; and by a mention, so that it reaches those who can do something. */
async function remind(r: Remediation, { delivery, root }: Thread, deps: FixDeps): Promise<void> {
  if (r.state !== 'proposed' || r.reminded === true || isRefused(r)) return;
  const now = deps.now();
  const [from, until] = [Date.parse(r.plan.requestedAt), Date.parse(r.plan.expiresAt)];
  if (now.getTime() < from + (until - from) * remindAfter) return;
  const message = reminderMessage(r, { approverNames: approverNames(r.plan), now: now.toISOString() });
  await delivery.post('reminder', withMentions(message, r.plan, deps.policy), root);
  await deps.remediations.pin(r.plan.id, { reminded: true });
}
