import type { Actor } from '../model/command.ts';
import { describeFixTarget, type FixTarget, type Refusal } from '../model/fix.ts';
import type { Approval, Plan, Remediation, Step } from '../model/remediation.ts';
import { bold, cutLines, line, note, person, richText, text, time } from './fix-parts.ts';
import { type CardView, titleOf } from './fix-status.ts';
import type { Attachment } from './slack.ts';
import { type SlackMessage, shorten } from './slack-message.ts';

/** Who asked for what, where there is no plan to say so. */
export interface Asked {
  readonly fix: string;
  readonly target: FixTarget;
  readonly requestedBy: Actor;
}

const manifestShown = { lines: 60, characters: 4_000 };

/** One line of a plan's life, for its thread. */
export function stepMessage({ says, by }: Step): SlackMessage {
  const said = shorten(says, 2_000);
  const who = by === undefined ? [] : [text(' · '), person(by)];
  return { text: said, blocks: [richText(line(text(said), ...who))] };
}

/** For the thread and the channel: somebody approved without those who could have. */
export function emergencyMessage(
  { title, target }: Pick<Plan, 'title' | 'target'>,
  { by, breakGlass = '' }: Pick<Approval, 'by' | 'breakGlass'>,
): SlackMessage {
  const said = `Approved alone, in an emergency: ${titleOf(title)}`;
  const where = ` · ${describeFixTarget(target)} · ${target.cluster}`;
  return {
    text: said,
    blocks: [
      richText(
        line(
          bold(said),
          text('\nby '),
          person(by),
          text(`${where}\nWhy it could not wait: ${shorten(breakGlass, 600)}`),
        ),
        line(text('Its card says how it goes, and has the button that stops it, or takes it back.')),
      ),
    ],
    broadcast: true,
  };
}

/** Why there is no plan: the sentence, what to do instead, and the YAML to commit where that is it. */
export function refusalMessage(
  { refused, next, manifest }: Refusal,
  { fix, target, requestedBy }: Asked,
): SlackMessage {
  const said = shorten(refused, 1_000);
  const headline = `No fix: ${said}`;
  const code = manifest === undefined ? undefined : cutLines(manifest, manifestShown);
  return {
    text: headline,
    blocks: [
      richText(
        line(bold(headline), ...(next === undefined ? [] : [text(`\n${shorten(next, 1_000)}`)])),
        ...(code === undefined
          ? []
          : [{ type: 'rich_text_preformatted' as const, elements: [{ type: 'text' as const, text: code.shown }] }]),
      ),
      ...(code === undefined || code.left === 0 ? [] : [note(`${code.left} more lines are in the file.`)]),
      richText(
        line(text(`${fix} · ${describeFixTarget(target)} · ${target.cluster} · requested by `), person(requestedBy)),
      ),
    ],
  };
}

/** The YAML of a refusal, where the message does not show all of it. */
export function refusalFile({ manifest }: Refusal, { fix, target }: Asked): Attachment | undefined {
  if (manifest === undefined || cutLines(manifest, manifestShown).left === 0) return undefined;
  return { name: `meshbot-${fix}.yaml`, title: `${fix} in ${describeFixTarget(target)}`, content: manifest };
}

/** For the thread, a while before a plan expires. */
export function reminderMessage({ plan, approvals }: Remediation, { approverNames }: CardView): SlackMessage {
  const left = plan.rule.approvals - approvals.length;
  const said = `Still waiting for ${left} of ${shorten(approverNames, 300)}: ${titleOf(plan.title)}`;
  return { text: said, blocks: [richText(line(bold(said), text('\nIt expires '), time(plan.expiresAt), text('.')))] };
}
