import type { SlackMessage } from '../../report/slack-message.ts';
import { deliveryOf } from '../delivery.ts';
import { DeliveryError, type Failure, orThrow } from '../messenger.ts';
import { mayPass, type PostDeps } from './deliver.ts';
import type { Histories } from './history.ts';
import { describeSchedule, type Schedule } from './schedule.ts';
import type { Schedules } from './schedules.ts';

export interface EndDeps extends PostDeps {
  readonly schedules: Pick<Schedules, 'end'>;
  readonly histories: Histories;
}

/** Why a schedule ends, as the end of a sentence, and what its owner can do before setting it up anew. */
export interface Ending {
  readonly because: string;
  readonly next: string;
}

export const mayNotLook: Ending = {
  because: 'you may not ask about any of it any more.',
  next: 'Ask whoever keeps the policy file. To have it where you may ask, type there',
};

/** What it means that a channel takes no more messages. */
export function endingOf({ code }: Failure): Ending {
  return { because: reasonFor(code), next: 'To have it in another channel, invite me there and type' };
}

/**
 * Ends a schedule that cannot go on, and tells its owner. A failure that may pass is thrown as a
 * `DeliveryError`: then nothing has ended yet.
 */
export async function endSchedule(schedule: Schedule, ending: Ending, deps: EndDeps): Promise<void> {
  const { because } = ending;
  await tellOwner(schedule, ending, deps);
  await deps.schedules.end(schedule.id, `in channel ${schedule.channel}, ${because}`);
  await deps.histories.remove(schedule.id);
  await deps.posts.remove(schedule.id);
  deps.log.warn({ schedule: schedule.id, channel: schedule.channel, because }, 'A schedule has ended');
}

async function tellOwner(schedule: Schedule, ending: Ending, deps: EndDeps): Promise<void> {
  const { id, owner, source } = schedule;
  if (owner === undefined) return deps.log.warn({ schedule: id, source }, 'There is no owner to be told of an end');
  try {
    const { channel } = orThrow(await deps.messenger.openDirectMessage(owner.user));
    const requestId = `${id}@end`;
    const record = await deps.records.open(requestId);
    await deliveryOf({ requestId, channel }, record, deps).post('end', endMessage(schedule, ending, deps));
  } catch (error) {
    if (!(error instanceof DeliveryError) || mayPass(error.failure)) throw error;
    deps.log.warn({ schedule: id, owner: owner.user, code: error.failure.code }, 'An owner cannot be told of an end');
  }
}

function reasonFor(code: string): string {
  if (code === 'is_archived') return 'it is archived.';
  if (code === 'not_in_channel' || code === 'channel_not_found') return 'I am not a member any more.';
  return `I may not write any more (${code}).`;
}

function endMessage(schedule: Schedule, { because, next }: Ending, { messenger }: EndDeps): SlackMessage {
  const { channel, words, namespaces, topics, cluster } = schedule;
  const what = `${describeSchedule(schedule)}, has ended: in channel `;
  const command = `/mesh digest add "${words}" ${[...namespaces, ...topics].join(' ')} --cluster ${cluster}`;
  const then = `\n${next} (after /invite @${messenger.botName}):\n`;
  const text = (said: string) => ({ type: 'text' as const, text: said });
  const code = { type: 'text' as const, text: command, style: { code: true } };
  const elements = [text(what), { type: 'channel' as const, channel_id: channel }, text(`, ${because}${then}`), code];
  const section = { type: 'rich_text_section' as const, elements };
  return { text: `${what}${channel}, ${because}`, blocks: [{ type: 'rich_text', elements: [section] }] };
}
