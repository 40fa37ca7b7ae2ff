import type { Delivered } from '../delivery.ts';
import { addMessage, storedMessage } from '../messages.ts';
import { eventPayload } from '../payloads.ts';
import { SlackError } from '../slack-error.ts';
import type { Channel, Message, Person } from '../state.ts';
import { viewJson } from '../wire.ts';
import { openDirect } from '../workspace.ts';
import { barred, type Stage } from './stage.ts';

export interface Said {
  readonly message: Message;
  /** The event that it caused, until the app has it or Slack gives up. */
  readonly event: Promise<Delivered> | undefined;
}

/** Writes a message. Throws a SlackError where this person may not write here. */
export function say(stage: Stage, person: Person, channel: Channel, text: string, threadTs?: string): Said {
  const { workspace } = stage.context;
  const reason = barred(person, channel) ?? (channel.archived ? 'is_archived' : undefined);
  if (reason !== undefined) throw new SlackError(reason);
  const root = threadTs === undefined ? undefined : storedMessage(workspace, channel.id, threadTs);
  const thread = root?.threadTs ?? root?.ts;
  const message = addMessage(workspace, {
    text,
    blocks: [],
    channel: channel.id,
    user: person.id,
    ...(thread !== undefined && { threadTs: thread }),
  });
  return { message, event: tell(stage, person, channel, message) };
}

function tell({ context, delivery }: Stage, person: Person, channel: Channel, message: Message) {
  const { workspace, settings } = context;
  const { botUser } = workspace.app;
  const { text } = message.versions[0];
  const common = {
    user: person.id,
    text,
    ts: message.ts,
    event_ts: message.ts,
    channel: channel.id,
    team: person.team,
    ...(message.threadTs !== undefined && { thread_ts: message.threadTs }),
  };
  const hears = (event: string, scope: string) => settings.events.has(event) && settings.scopes.has(scope);
  if (channel.kind === 'im') {
    if (!hears('message.im', 'im:history')) return undefined;
    return delivery.sendEvent(eventPayload(context, { type: 'message', channel_type: 'im', ...common }));
  }
  const isMention = text.includes(`<@${botUser}>`) || text.includes(`<@${botUser}|`);
  if (!isMention || !channel.members.has(botUser) || !hears('app_mention', 'app_mentions:read')) return undefined;
  return delivery.sendEvent(eventPayload(context, { type: 'app_mention', ...common }));
}

/** Opens the app's Home tab. */
export function openHome({ context, delivery }: Stage, person: Person): Promise<Delivered> | undefined {
  const { workspace, settings } = context;
  if (!settings.events.has('app_home_opened')) return undefined;
  const view = workspace.views.get(workspace.homes.get(person.id) ?? '');
  const event = {
    type: 'app_home_opened',
    user: person.id,
    channel: openDirect(workspace, person.id).id,
    event_ts: workspace.nextTs(),
    tab: 'home',
    ...(view !== undefined && { view: viewJson(workspace, view) }),
  };
  return delivery.sendEvent(eventPayload(context, event));
}
