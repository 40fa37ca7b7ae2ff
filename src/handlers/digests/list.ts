import type { Schedule } from '../../jobs/digests/schedules.ts';
import { describeTiming } from '../../model/schedule.ts';
import { bold, line, list, person, richText, text, time } from '../../report/fix-parts.ts';
import type { AnyBlock } from '../../report/slack-message.ts';
import { digestExample } from '../commands/digest-grammar.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';

const most = 20;

/** The digests of this channel, then those of this person elsewhere. */
export async function digestsReply({ actor, channel }: Asking, deps: HandlerDeps): Promise<Reply> {
  const [here, mine] = await Promise.all([
    deps.digests.schedules.list({ channel }),
    deps.digests.schedules.list({ owner: actor.user }),
  ]);
  const elsewhere = mine.filter((one) => one.channel !== channel);
  if (here.length + elsewhere.length === 0)
    return sentence(`No digest comes into this channel. Type for example \`/mesh ${digestExample}\`.`);
  const blocks = [
    ...schedulesBlocks('Digests in this channel', here, deps),
    ...schedulesBlocks('Yours in other channels', elsewhere, deps),
  ];
  return { text: `Digests: ${here.length} in this channel, ${elsewhere.length} of yours elsewhere.`, blocks };
}

/** What is there, and when each comes next; nothing for an empty list. */
export function schedulesBlocks(title: string, schedules: readonly Schedule[], deps: HandlerDeps): AnyBlock[] {
  if (schedules.length === 0) return [];
  const items = schedules.slice(0, most).map((one) => scheduleItem(one, deps));
  const left = schedules.length - items.length;
  return [richText(line(bold(title)), list(items), ...(left > 0 ? [line(text(`${left} more are not shown.`))] : []))];
}

function scheduleItem(schedule: Schedule, deps: HandlerDeps) {
  const { id, namespaces, topics, cluster, channel, owner, source, paused } = schedule;
  return [
    bold([...namespaces, ...topics].join(' + ')),
    text(` in ${cluster}, ${describeTiming(schedule)} · `),
    channel.startsWith('D') ? text('direct message') : ({ type: 'channel', channel_id: channel } as const),
    ...(owner === undefined ? [] : [text(' · by '), person(owner)]),
    ...(source === 'file' ? [text(' · from the policy file')] : []),
    ...(paused === undefined ? nextOf(schedule, deps) : [text(' · paused', { bold: true })]),
    text(` · ${id}`),
  ];
}

/** One that cannot be followed takes no other out of the list. */
function nextOf(schedule: Schedule, { digests, now, log }: HandlerDeps) {
  try {
    return digests.nextRuns(schedule, now(), 1).flatMap((next) => [text(' · next '), time(next.toISOString())]);
  } catch (error) {
    log.error({ error, schedule: schedule.id }, 'A schedule cannot be followed');
    return [text(' · never comes: remove it, and set it up anew', { bold: true })];
  }
}
