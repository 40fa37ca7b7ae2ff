import { takeShortcut } from '../acts/press.ts';
import type { Done, Stage } from '../acts/stage.ts';
import type { Json } from '../json.ts';
import { currentOf, storedMessage, threadOf } from '../messages.ts';
import { plainText } from '../plain-text.ts';
import type { Message, StoredFile, Version } from '../state.ts';
import { type Wait, waitFor } from '../wait.ts';
import { filesOf } from '../wire.ts';
import {
  type ButtonHandle,
  buttonLabels,
  type ChoiceHandle,
  findButton,
  findChoice,
  person,
  type Someone,
} from './element.ts';

/** A regular expression over everything that is shown, or a question. */
export type Matching = RegExp | ((message: MessageHandle) => boolean);

/** One message. It shows what the message says now; `versions` shows what it said before. */
export interface MessageHandle {
  readonly channel: string;
  readonly ts: string;
  /** The one who wrote it, by id. */
  readonly user: string;
  readonly threadTs: string | undefined;
  /** The one who alone sees it, by id. */
  readonly ephemeralTo: string | undefined;
  /** The fallback: what a notification says. */
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly metadata: Json | undefined;
  readonly deleted: boolean;
  readonly files: readonly (StoredFile & { readonly words: string })[];
  readonly reactions: readonly string[];
  /** How it looked over time, oldest first. */
  readonly versions: readonly (Version & { readonly plain: string })[];
  /** Everything it shows, as text. */
  readonly plain: string;
  readonly buttons: readonly string[];
  button(labelOrActionId: string): ButtonHandle;
  /** A select, a picker, checkboxes: by `action_id`, placeholder or label. */
  choice(name: string): ChoiceHandle;
  replies(): readonly MessageHandle[];
  /** Waits until it looks other than it did when this handle was made, or last expected. */
  expectUpdate(wait?: Wait & { readonly matching?: Matching }): Promise<MessageHandle>;
  shortcut(by: Someone, callbackId: string): Promise<Done>;
}

export function messageHandle(stage: Stage, { channel, ts }: Pick<Message, 'channel' | 'ts'>): MessageHandle {
  const { workspace } = stage.context;
  const stored = (): Message => {
    const message = storedMessage(workspace, channel, ts);
    if (message === undefined) throw new Error(`The sandbox no longer keeps message ${ts}`);
    return message;
  };
  const now = (): Version => currentOf(stored());
  const place = () => {
    const where = workspace.channels.get(channel);
    if (where === undefined) throw new Error(`There is no channel ${channel}`);
    return { channel: where, message: stored() };
  };
  let known = now();
  const { user, threadTs, ephemeralTo } = stored();
  const handle: MessageHandle = {
    channel,
    ts,
    user,
    threadTs,
    ephemeralTo,
    get text() {
      return now().text;
    },
    get blocks() {
      return now().blocks;
    },
    get metadata() {
      return now().metadata;
    },
    get deleted() {
      return stored().deleted;
    },
    get files() {
      return filesOf(workspace, stored()).map((file) => ({ ...file, words: file.content?.toString() ?? '' }));
    },
    get reactions() {
      return stored().reactions.map(({ name }) => name);
    },
    get versions() {
      return stored().versions.map((version) => ({ ...version, plain: plainText(version) }));
    },
    get plain() {
      return plainText(now());
    },
    get buttons() {
      return buttonLabels(now().blocks);
    },
    button: (wanted) => findButton(stage, place, now().blocks, wanted),
    choice: (wanted) => findChoice(stage, place, now().blocks, wanted),
    replies: () =>
      threadOf(workspace, channel, ts)
        .filter((one) => one.threadTs === ts && one.ephemeralTo === undefined)
        .map((one) => messageHandle(stage, one)),
    async expectUpdate({ matching, ...wait } = {}) {
      const changed = () => now() !== known && (matching === undefined || matches(handle, matching));
      const what = `a new version of message ${ts}${matching === undefined ? '' : ` that is like ${String(matching)}`}`;
      await waitFor(workspace, changed, { what, ...wait }, () => `It says:\n${handle.plain}`);
      known = now();
      return handle;
    },
    shortcut: (by, callbackId) => takeShortcut(stage, person(stage, by), callbackId, place()),
  };
  return handle;
}

/** The text is looked through both as shown and as the fallback. */
export function matches(message: MessageHandle, matching: Matching): boolean {
  if (typeof matching === 'function') return matching(message);
  return new RegExp(matching.source, matching.flags.replace('g', '')).test(`${message.text}\n${message.plain}`);
}
