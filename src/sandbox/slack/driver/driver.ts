import type { Stage } from '../acts/stage.ts';
import type { Alarm, ApiCall } from '../context.ts';
import type { Delivered } from '../delivery.ts';
import type { FaultRule } from '../faults.ts';
import { messagesIn, threadOf } from '../messages.ts';
import type { HttpSent } from '../signed-http.ts';
import type { Sockets } from '../socket-mode.ts';
import type { Channel, Message, StoredFile, Workspace } from '../state.ts';
import { type Wait, waitFor } from '../wait.ts';
import { addChannel, channelOf, type NewChannel, personOf } from '../workspace.ts';
import { type Actor, actor } from './actor.ts';
import { type Matching, type MessageHandle, matches, messageHandle } from './message.ts';

export interface Wanted extends Wait {
  readonly channel: string;
  /** A name or id; `bot` is the app. */
  readonly from?: string;
  readonly matching?: Matching;
  /** Only replies in this thread; `none` for only what stands in the channel itself. */
  readonly thread?: string | { readonly ts: string };
  /** What this person alone sees. */
  readonly to?: string;
  /** Only what came after this message. */
  readonly after?: string | { readonly ts: string };
}

/** What tests do with the workspace, and what they can see of it. */
export interface Driver {
  readonly workspace: Workspace;
  readonly sockets: Sockets;
  /** All calls of the Web API, oldest first. */
  readonly calls: readonly ApiCall[];
  /** What the app did not acknowledge. */
  readonly alarms: readonly Alarm[];
  as(person: string): Actor;
  /** What stands in the channel: no replies, nothing that one person alone sees. */
  messages(channel: string): readonly MessageHandle[];
  /** A root and its replies. */
  thread(root: string | { readonly ts: string }): readonly MessageHandle[];
  ephemeralsFor(person: string): readonly MessageHandle[];
  files(): readonly (StoredFile & { readonly words: string })[];
  waitForMessage(wanted: Wanted): Promise<MessageHandle>;
  /** Waits until the question is answered with something; gives that. */
  waitUntil<T>(look: () => T | undefined | false | null, wait?: Wait): Promise<T>;
  callsOf(method: string): readonly ApiCall[];
  fail(rule: FaultRule): void;
  healAll(): void;
  /** Adds a channel. Members by name; `bot` is the app. */
  addChannel(channel: NewChannel): Channel;
  join(channel: string, person: string): void;
  leave(channel: string, person: string): void;
  archive(channel: string): void;
  /** Grants or takes away scopes. */
  grant(...scopes: readonly string[]): void;
  revoke(...scopes: readonly string[]): void;
  /** From here on the app gets its requests over HTTP; without an address, over its sockets. */
  deliverTo(requestUrl: string | undefined): void;
  /** The last request over HTTP once more, byte by byte. */
  replay(): Promise<HttpSent>;
  repeatEvent(): Promise<Delivered>;
}

export function createDriver(stage: Stage): Driver {
  const { context, delivery } = stage;
  const { workspace, faults, settings, calls, alarms, sockets } = context;
  const handles = (messages: readonly Message[]): readonly MessageHandle[] =>
    messages.map((message) => messageHandle(stage, message));
  const openTo = (channel: string): readonly Message[] =>
    messagesIn(workspace, channelOf(workspace, channel).id).filter(({ ephemeralTo }) => ephemeralTo === undefined);
  return {
    workspace,
    sockets,
    calls,
    alarms,
    as: (name) => actor(stage, personOf(workspace, name)),
    messages: (channel) => handles(openTo(channel).filter(({ threadTs }) => threadTs === undefined)),
    thread(root) {
      const ts = tsOf(root);
      const channel = [...workspace.messages].find(([, all]) => all.some((message) => message.ts === ts))?.[0] ?? '';
      return handles(threadOf(workspace, channel, ts).filter(({ ephemeralTo }) => ephemeralTo === undefined));
    },
    ephemeralsFor: (name) => actor(stage, personOf(workspace, name)).ephemerals(),
    files: () =>
      Array.from(workspace.files.values())
        .filter(({ complete }) => complete)
        .map((file) => ({ ...file, words: file.content?.toString() ?? '' })),
    waitForMessage: (wanted) => waitForMessage(stage, wanted),
    waitUntil: (look, wait) => waitFor(workspace, look, wait),
    callsOf: (method) => calls.filter((call) => call.method === method),
    fail: faults.add,
    healAll: faults.clear,
    addChannel: (channel) => addChannel(workspace, channel),
    ...doors(workspace),
    grant: (...scopes) => scopes.forEach((scope) => void settings.scopes.add(scope)),
    revoke: (...scopes) => scopes.forEach((scope) => void settings.scopes.delete(scope)),
    deliverTo: (requestUrl) => {
      settings.requestUrl = requestUrl;
    },
    replay: delivery.replay,
    repeatEvent: delivery.repeatEvent,
  };
}

/** Who is in a channel, and whether it is still used. */
function doors(workspace: Workspace): Pick<Driver, 'join' | 'leave' | 'archive'> {
  return {
    join(channel, person) {
      channelOf(workspace, channel).members.add(personOf(workspace, person).id);
      workspace.changed();
    },
    leave(channel, person) {
      channelOf(workspace, channel).members.delete(personOf(workspace, person).id);
      workspace.changed();
    },
    archive(channel) {
      channelOf(workspace, channel).archived = true;
      workspace.changed();
    },
  };
}

function waitForMessage(stage: Stage, wanted: Wanted): Promise<MessageHandle> {
  const { workspace } = stage.context;
  const channel = channelOf(workspace, wanted.channel).id;
  const from = wanted.from === undefined ? undefined : personOf(workspace, wanted.from).id;
  const to = wanted.to === undefined ? undefined : personOf(workspace, wanted.to).id;
  const fits = ({ user, ephemeralTo, threadTs, ts }: Message): boolean =>
    ephemeralTo === to &&
    (from === undefined || user === from) &&
    (wanted.thread === undefined || threadTs === (wanted.thread === 'none' ? undefined : tsOf(wanted.thread))) &&
    (wanted.after === undefined || ts > tsOf(wanted.after));
  const look = (): MessageHandle | undefined =>
    messagesIn(workspace, channel)
      .filter(fits)
      .map((message) => messageHandle(stage, message))
      .find((message) => wanted.matching === undefined || matches(message, wanted.matching));
  const seen = (): string => {
    const said = messagesIn(workspace, channel).map((message) => `- ${messageHandle(stage, message).plain}`);
    return `${wanted.channel} says:\n${said.join('\n') || 'nothing'}`;
  };
  const what = `a message like ${String(wanted.matching ?? 'any')}`;
  return waitFor(workspace, look, { what, ...wanted }, seen);
}

function tsOf(message: string | { readonly ts: string }): string {
  return typeof message === 'string' ? message : message.ts;
}
