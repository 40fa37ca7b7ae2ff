import type { ModalView } from '@slack/types';
import { describeFixTarget } from '../model/fix.ts';
import { mostEmergencies } from '../model/policy-decisions.ts';
import { redact } from '../model/redact.ts';
import { type Plan, type Remediation, sealed } from '../model/remediation.ts';
import { yamlOf } from './fix-file.ts';
import { bold, cutLines, line, list, note, people, richText, text, time } from './fix-parts.ts';
import { approvalsOf, headlineOf, titleOf } from './fix-status.ts';
import { type AnyBlock, shorten } from './slack-message.ts';

const chunk = 2_900;
const mostChunks = 8;
const mostSteps = 30;
const mostSentences = 20;

/** Everything about a plan, for one person to read: the whole change, who approved, what happened. */
export function detailsView(remediation: Remediation): ModalView {
  const { plan } = remediation;
  const { before, after } = plan.change;
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'The whole change' },
    close: { type: 'plain_text', text: 'Close' },
    blocks: [
      richText(line(bold(headlineOf(remediation))), line(text(placeOf(plan))), ...sentencesOf(plan)),
      ...part('Difference', plan.diff),
      ...part('Before', yamlOf(before)),
      ...part('After', yamlOf(after)),
      richText(line(bold(approvalsOf(remediation))), ...approvals(remediation)),
      richText(line(bold('What happened')), ...steps(remediation)),
      note(`Plan ${plan.id} · digest ${plan.digest} · all records: /mesh audit ${plan.id}`),
    ] as ModalView['blocks'],
  };
}

/** Asks for the reason of approving alone. What names the plan comes back with the answer. */
export function breakGlassView(plan: Plan): ModalView {
  const { title, target } = plan;
  return {
    type: 'modal',
    callback_id: 'fix-break-glass',
    private_metadata: sealed(plan),
    title: { type: 'plain_text', text: 'Emergency' },
    submit: { type: 'plain_text', text: 'Approve alone' },
    close: { type: 'plain_text', text: 'Cancel' },
    blocks: [
      richText(
        line(bold(titleOf(title)), text(` · ${describeFixTarget(target)} · ${target.cluster}`)),
        line(
          text(
            `You approve this without anybody else. Everybody who could have approved is told at once, in the channel, with your reason. You can do it ${mostEmergencies} times a day in one cluster.`,
          ),
        ),
      ),
      {
        type: 'input',
        block_id: 'reason',
        label: { type: 'plain_text', text: 'Why can it not wait?' },
        element: { type: 'plain_text_input', action_id: 'reason', multiline: true, min_length: 10, max_length: 300 },
      },
    ],
  };
}

function placeOf({ fix, target, risk }: Plan): string {
  return `${fix} · ${describeFixTarget(target)} · ${target.cluster} · risk ${risk}`;
}

function sentencesOf({ effects, doubts, undone }: Plan) {
  const said = [...effects, ...doubts.map((doubt) => `Not seen: ${doubt}`), `Undo: ${undone}`];
  return [list(said.slice(0, mostSentences).map((one) => [text(shorten(one, 500))]))];
}

/** Code in pieces that Slack takes, in order. In pieces, a secret of several lines is not known for one any more. */
function part(title: string, code: string): readonly AnyBlock[] {
  const blocks: AnyBlock[] = [richText(line(bold(title)))];
  let rest = redact(code).replace(/\n+$/, '');
  for (let count = 0; count < mostChunks && rest !== ''; count += 1) {
    const { shown } = cutLines(rest, { lines: Number.MAX_SAFE_INTEGER, characters: chunk });
    const taken = rest.startsWith(shown) ? shown : shown.slice(0, -1);
    const said = taken === '' ? ' ' : taken;
    blocks.push(richText({ type: 'rich_text_preformatted', elements: [{ type: 'text', text: said }] }));
    rest = rest.slice(taken.length).replace(/^\n/, '');
  }
  if (rest !== '') blocks.push(note(`${rest.split('\n').length} more lines are in the file in the card's thread.`));
  return blocks;
}

function approvals({ approvals: given }: Remediation) {
  if (given.length === 0) return [];
  return [
    list(
      given.map(({ by, roles, at, breakGlass, kubernetes }) => [
        ...people([by]),
        text(
          ` as ${shorten([...roles, ...(kubernetes === undefined ? [] : [kubernetes.user])].join(', ') || 'nobody else', 300)}, `,
        ),
        time(at),
        ...(breakGlass === undefined ? [] : [text(` alone: ${shorten(breakGlass, 300)}`)]),
      ]),
    ),
  ];
}

function steps({ steps: taken }: Remediation) {
  if (taken.length === 0) return [];
  const shown = taken.slice(-mostSteps);
  return [
    list(
      shown.map(({ at, says, by }) => [
        time(at),
        text(`  ${shorten(says, 500)}`),
        ...(by === undefined ? [] : [text(' · '), ...people([by])]),
      ]),
    ),
  ];
}
