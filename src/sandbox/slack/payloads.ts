import type { Context } from './context.ts';
import { type Json, newId, text } from './json.ts';
import { newTrigger } from './modals.ts';
import { newResponseUrl } from './response-url.ts';
import type { Channel, Message, Person, View } from './state.ts';
import { messageJson, viewJson } from './wire.ts';

const verificationToken = 'sandbox-verification';

/** What the person did with an element: `{type, block_id, action_id, value …}`. */
export type Action = Json;

export function commandPayload(
  context: Context,
  person: Person,
  channel: Channel,
  command: string,
  words: string,
): Json {
  const { workspace } = context;
  const names = { public: channel.name, private: 'privategroup', im: 'directmessage' };
  return {
    token: verificationToken,
    team_id: person.team,
    team_domain: person.team === workspace.team.id ? workspace.team.domain : workspace.otherTeam.domain,
    channel_id: channel.id,
    channel_name: names[channel.kind],
    user_id: person.id,
    user_name: person.name,
    command,
    text: words,
    api_app_id: workspace.app.id,
    is_enterprise_install: 'false',
    response_url: newResponseUrl(context, { user: person.id, channel: channel.id }),
    trigger_id: newTrigger(workspace, person.id),
  };
}

/** What all interactions carry. */
function interaction({ workspace }: Context, person: Person): Json {
  const { team, app } = workspace;
  return {
    user: { id: person.id, username: person.name, name: person.name, team_id: person.team },
    api_app_id: app.id,
    token: verificationToken,
    team: { id: team.id, domain: team.domain },
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: newTrigger(workspace, person.id),
  };
}

export interface InMessage {
  readonly channel: Channel;
  readonly message: Message;
}

/** Where in a message something was pressed. */
function messagePlace(context: Context, person: Person, { channel, message }: InMessage): Json {
  const ephemeral = message.ephemeralTo !== undefined;
  const thread = message.threadTs === undefined ? {} : { thread_ts: message.threadTs };
  const place = { user: person.id, channel: channel.id, message: { ts: message.ts, ephemeral } };
  return {
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: channel.id,
      is_ephemeral: ephemeral,
      ...thread,
    },
    channel: { id: channel.id, name: channel.kind === 'im' ? 'directmessage' : channel.name },
    ...(!ephemeral && { message: messageJson(context.workspace, message, true) }),
    response_url: newResponseUrl(context, {
      ...place,
      ...(message.threadTs !== undefined && { threadTs: message.threadTs }),
    }),
  };
}

export function messageActionPayload(
  context: Context,
  person: Person,
  place: InMessage,
  action: Action,
  values: Json,
): Json {
  return {
    type: 'block_actions',
    ...interaction(context, person),
    ...messagePlace(context, person, place),
    state: { values },
    actions: [action],
  };
}

export function viewActionPayload(context: Context, person: Person, view: View, action: Action, values: Json): Json {
  return {
    type: 'block_actions',
    ...interaction(context, person),
    container: { type: 'view', view_id: view.id },
    view: viewJson(context.workspace, view, values),
    actions: [action],
  };
}

export function submissionPayload(context: Context, person: Person, view: View, values: Json): Json {
  return {
    type: 'view_submission',
    ...interaction(context, person),
    view: viewJson(context.workspace, view, values),
    response_urls: [],
  };
}

export function closedPayload(context: Context, person: Person, view: View, all: boolean): Json {
  const { trigger_id: _none, ...rest } = interaction(context, person);
  return { type: 'view_closed', ...rest, view: viewJson(context.workspace, view), is_cleared: all };
}

export function suggestionPayload(
  context: Context,
  person: Person,
  place: InMessage | View,
  asked: { readonly block_id: string; readonly action_id: string; readonly value: string },
): Json {
  const { trigger_id: _none, ...rest } = interaction(context, person);
  const shown =
    'message' in place
      ? messagePlace(context, person, place)
      : { container: { type: 'view', view_id: place.id }, view: viewJson(context.workspace, place) };
  return { type: 'block_suggestion', ...rest, ...shown, ...asked };
}

export function shortcutPayload(context: Context, person: Person, callbackId: string, place?: InMessage): Json {
  const common = { callback_id: callbackId, action_ts: context.workspace.nextTs(), ...interaction(context, person) };
  if (place === undefined) return { type: 'shortcut', ...common };
  const { message, channel, response_url } = messagePlace(context, person, place);
  return { type: 'message_action', ...common, message, channel, response_url, message_ts: place.message.ts };
}

export function eventPayload({ workspace }: Context, event: Json): Json {
  const { team, app } = workspace;
  return {
    token: verificationToken,
    team_id: team.id,
    context_team_id: team.id,
    context_enterprise_id: null,
    api_app_id: app.id,
    type: 'event_callback',
    event,
    event_id: newId('Ev'),
    event_time: Math.floor(workspace.now() / 1_000),
    event_context: newId('4-'),
    is_ext_shared_channel: workspace.channels.get(text(event.channel))?.shared ?? false,
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: app.botUser, is_bot: true, is_enterprise_install: false },
    ],
  };
}
