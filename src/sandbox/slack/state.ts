import type { Json } from './json.ts';

export type PersonKind = 'member' | 'guest' | 'ultra' | 'deleted' | 'stranger' | 'bot';

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
}

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly kind: PersonKind;
  /** The workspace this person belongs to; a stranger's is another one. */
  readonly team: string;
  readonly timeZone: string;
}

export interface UserGroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  users: readonly string[];
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im';
  readonly members: Set<string>;
  topic: string;
  archived: boolean;
  /** Shared with another workspace (Slack Connect). */
  shared: boolean;
}

export interface Content {
  readonly text: string;
  readonly blocks: readonly Json[];
  readonly metadata?: Json;
}

/** How a message looked, and since when, in milliseconds. */
export interface Version extends Content {
  readonly at: number;
}

export interface Message {
  readonly channel: string;
  readonly ts: string;
  readonly user: string;
  readonly threadTs?: string;
  /** The one person who sees it. */
  readonly ephemeralTo?: string;
  readonly files: readonly string[];
  /** Oldest first; the last is what people see. */
  readonly versions: readonly [Version, ...Version[]];
  /** Set where people see "(edited)". */
  readonly editedTs?: string;
  readonly deleted: boolean;
  readonly reactions: readonly { readonly name: string; readonly users: readonly string[] }[];
  readonly broadcast: boolean;
}

export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly owner: string;
  readonly length: number;
  readonly snippetType?: string;
  readonly content?: Buffer;
  readonly complete: boolean;
  /** Where it was shared, and with which message. */
  readonly shares: readonly { readonly channel: string; readonly ts: string }[];
}

export interface View {
  readonly id: string;
  readonly user: string;
  readonly hash: string;
  /** As the app sent it. */
  readonly body: Json;
  readonly type: 'modal' | 'home';
  readonly rootId: string;
  readonly previousId?: string;
}

export interface Trigger {
  readonly user: string;
  readonly expiresAt: number;
  used: boolean;
}

export interface ResponseUrl {
  readonly user: string;
  readonly channel: string;
  readonly expiresAt: number;
  usesLeft: number;
  /** The message whose button gave this address. */
  readonly message?: { readonly ts: string; readonly ephemeral: boolean };
  readonly threadTs?: string;
}

/** All that is in the workspace. It lives in memory and ends with the process. */
export interface Workspace {
  readonly team: Team;
  readonly otherTeam: Team;
  readonly app: { readonly id: string; readonly botId: string; readonly botUser: string };
  readonly people: Map<string, Person>;
  readonly groups: UserGroup[];
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, Message[]>;
  readonly files: Map<string, StoredFile>;
  readonly views: Map<string, View>;
  /** The modals that each person has open, the topmost last. */
  readonly modals: Map<string, readonly string[]>;
  readonly homes: Map<string, string>;
  readonly triggers: Map<string, Trigger>;
  readonly responseUrls: Map<string, ResponseUrl>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly nextTs: () => string;
  readonly changed: () => void;
  /** Gives a function that ends it. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Puts a value in; forgets the oldest where there are too many. */
export function keep<T>(map: Map<string, T>, key: string, value: T, most: number): void {
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) break;
    map.delete(oldest);
  }
}
