import { typeCommand } from '../acts/command.ts';
import { takeShortcut } from '../acts/press.ts';
import { openHome, say } from '../acts/speak.ts';
import { canSee, type Done, type Stage } from '../acts/stage.ts';
import type { Delivered } from '../delivery.ts';
import { messagesIn } from '../messages.ts';
import { topModal } from '../modals.ts';
import type { Signature } from '../signed-http.ts';
import type { Channel, Person } from '../state.ts';
import { type Wait, waitFor } from '../wait.ts';
import { channelOf, openDirect } from '../workspace.ts';
import { type MessageHandle, messageHandle } from './message.ts';
import { type ViewHandle, viewHandle } from './view.ts';

export interface Asked extends Done {
  /** What this person alone was told at once, with the acknowledgement. */
  readonly answer: MessageHandle | undefined;
}

export interface Spoken {
  readonly message: MessageHandle;
  /** How the event ended, where the message caused one. */
  readonly event: Promise<Delivered> | undefined;
}

export interface Place {
  readonly channel: Channel;
  /** `/mesh mtls bookinfo`: resolves when the app has acknowledged, or Slack gives up. */
  slash(line: string, options?: { readonly signature?: Signature }): Promise<Asked>;
  say(text: string, options?: { readonly thread?: string | { readonly ts: string } }): Spoken;
  /** Says it to the app, which hears of it. */
  mention(text: string, options?: { readonly thread?: string | { readonly ts: string } }): Spoken;
  /** What this person sees here, in order, threads and ephemeral messages included. */
  messages(): readonly MessageHandle[];
}

/** Somebody in the workspace who does things. */
export interface Actor {
  readonly id: string;
  readonly name: string;
  readonly kind: Person['kind'];
  in(channel: string): Place;
  /** The conversation with the app. */
  direct(): Place;
  /** A global shortcut. */
  shortcut(callbackId: string): Promise<Done>;
  openHome(): Promise<Delivered> | undefined;
  home(): ViewHandle | undefined;
  /** The topmost modal. */
  modal(): ViewHandle | undefined;
  waitForModal(wait?: Wait): Promise<ViewHandle>;
  waitForHome(wait?: Wait): Promise<ViewHandle>;
  ephemerals(): readonly MessageHandle[];
}

export function actor(stage: Stage, person: Person): Actor {
  const { workspace } = stage.context;
  const home = (): ViewHandle | undefined => {
    const view = workspace.views.get(workspace.homes.get(person.id) ?? '');
    return view && viewHandle(stage, view);
  };
  const modal = (): ViewHandle | undefined => {
    const view = topModal(workspace, person.id);
    return view && viewHandle(stage, view);
  };
  return {
    id: person.id,
    name: person.name,
    kind: person.kind,
    in: (channel) => placeOf(stage, person, channelOf(workspace, channel)),
    direct: () => placeOf(stage, person, openDirect(workspace, person.id)),
    shortcut: (callbackId) => takeShortcut(stage, person, callbackId),
    openHome: () => openHome(stage, person),
    home,
    modal,
    waitForModal: (wait) => waitFor(workspace, modal, { what: `a modal for ${person.name}`, ...wait }),
    waitForHome: (wait) => waitFor(workspace, home, { what: `a Home tab for ${person.name}`, ...wait }),
    ephemerals: () =>
      [...workspace.messages.keys()]
        .flatMap((channel) => messagesIn(workspace, channel))
        .filter(({ ephemeralTo }) => ephemeralTo === person.id)
        .map((message) => messageHandle(stage, message)),
  };
}

function placeOf(stage: Stage, person: Person, channel: Channel): Place {
  const { workspace } = stage.context;
  const visible = () => messagesIn(workspace, channel.id).filter((message) => canSee(person, message));
  const speak: Place['say'] = (text, { thread } = {}) => {
    const ts = typeof thread === 'object' ? thread.ts : thread;
    const { message, event } = say(stage, person, channel, text, ts);
    return { message: messageHandle(stage, message), event };
  };
  return {
    channel,
    async slash(line, { signature } = {}) {
      const before = workspace.nextTs();
      const done = await typeCommand(stage, person, channel, line, signature);
      const answer = visible().find(({ ts, ephemeralTo }) => ephemeralTo === person.id && ts > before);
      return { ...done, answer: answer && messageHandle(stage, answer) };
    },
    say: speak,
    mention: (text, options) => speak(`<@${workspace.app.botUser}> ${text}`, options),
    messages: () => visible().map((message) => messageHandle(stage, message)),
  };
}
