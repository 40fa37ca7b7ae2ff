import type { AuditRecord } from '../../model/audit.ts';
import type { Command } from '../../model/command.ts';
import { standing } from '../../model/policy-people.ts';
import { line, list, person, richText, text, time } from '../../report/fix-parts.ts';
import { asManyAsFit, shorten } from '../../report/slack-message.ts';
import type { Asking, FixingDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';

const lastRecords = 10;
const mostOfPlan = 40;
/** How far back the beginning of an id is looked for. */
const searched = 1_000;
const wholeId = 21;

/** The last records, or those of one plan: for full members. */
export async function auditReply(
  { plan }: Extract<Command, { readonly kind: 'audit' }>,
  { actor }: Asking,
  { fixes, watch }: FixingDeps,
): Promise<Reply> {
  const denied = standing(await fixes.people.ask(actor.user));
  watch.command('audit', denied === undefined ? 'answered' : 'refused');
  if (denied !== undefined) return sentence(denied.why);
  if (plan === undefined) return recordsReply('The last records', await fixes.audit.last(lastRecords));
  const id = plan.length === wholeId ? plan : await wholeIdOf(plan, fixes);
  if (id === undefined)
    return sentence(
      `I know no one plan whose id begins with \`${plan}\`. Type more of it, or all: it stands in Full YAML.`,
    );
  const records = await fixes.audit.last(mostOfPlan, { plan: id });
  return records.length === 0
    ? sentence(`I have no record of plan \`${id}\`. Copy the id from its card.`)
    : recordsReply(`Plan ${id}`, records);
}

async function wholeIdOf(beginning: string, { audit }: FixingDeps['fixes']): Promise<string | undefined> {
  const records = await audit.last(searched);
  const ids = new Set(records.flatMap(({ plan }) => (plan?.startsWith(beginning) ? [plan] : [])));
  const [id] = ids;
  return ids.size === 1 ? id : undefined;
}

/** The newest ones, as far as Slack takes them. */
function recordsReply(title: string, records: readonly AuditRecord[]): Reply {
  if (records.length === 0) return sentence('There are no records yet.');
  const heading = `${title}, oldest first`;
  return asManyAsFit(records.length, (shown) => {
    const left = records.length - shown;
    const older = left > 0 ? [line(text(`${left} older ones are not shown.`))] : [];
    const items = records.slice(left).map(recordItem);
    return { text: heading, blocks: [richText(line(text(heading, { bold: true })), ...older, list(items))] };
  });
}

function recordItem({ seq, at, kind, says, by, cluster, target }: AuditRecord) {
  return [
    text(`${seq}  `),
    time(at),
    text(`  ${kind}`, { bold: true }),
    text(`  ${shorten(says, 200)}`),
    ...(by === undefined ? [] : [text(' · '), person(by)]),
    ...(cluster === undefined ? [] : [text(shorten(` · ${[cluster, target].filter(Boolean).join(' ')}`, 150))]),
  ];
}
