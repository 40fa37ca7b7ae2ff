import { newId } from './json.ts';
import type { Channel, Person, PersonKind, Team, UserGroup, Workspace } from './state.ts';

const team: Team = { id: 'T0SANDBOX01', name: 'Mesh sandbox', domain: 'mesh-sandbox' };
const otherTeam: Team = { id: 'T0PARTNER01', name: 'Partner', domain: 'partner' };
const app = { id: 'A0MESHBOT01', botId: 'B0MESHBOT01', botUser: 'U0MESHBOT01' };

const people: readonly Person[] = [
  person('U0ANA000001', 'ana', 'Ana Ruiz'),
  person('U0BEN000001', 'ben', 'Ben Okafor'),
  person('U0CARLA0001', 'carla', 'Carla Jansen'),
  person('U0GUS000001', 'gus', 'Gus Lindqvist', 'guest'),
  person('U0ULLA00001', 'ulla', 'Ulla Marsh', 'ultra'),
  person('U0OTTO00001', 'otto', 'Otto Brandt', 'deleted'),
  person('U0VERA00001', 'vera', 'Vera Stahl', 'stranger'),
  person(app.botUser, 'meshbot', 'meshbot', 'bot'),
];

const groups: readonly UserGroup[] = [
  { id: 'S0SREONCALL', handle: 'sre-oncall', name: 'SRE on call', users: ['U0BEN000001', 'U0CARLA0001'] },
  { id: 'S0MESHADMIN', handle: 'mesh-admins', name: 'Mesh admins', users: ['U0CARLA0001'] },
];

export interface NewChannel {
  /** Made where it is left out. */
  readonly id?: string;
  readonly name: string;
  readonly kind?: 'public' | 'private';
  /** Names of people; `bot` is the app's. */
  readonly members: readonly string[];
  readonly topic?: string;
  readonly archived?: boolean;
  readonly shared?: boolean;
}

const everyone = ['ana', 'ben', 'carla'];
const channels: readonly NewChannel[] = [
  {
    id: 'C0MESH00001',
    name: 'mesh',
    members: [...everyone, 'gus', 'ulla', 'bot'],
    topic: 'Is the mesh well? Ask meshbot.',
  },
  { name: 'payments', kind: 'private', members: ['ana', 'ben', 'bot'], topic: 'The payments team' },
  { name: 'partners', members: [...everyone, 'vera', 'bot'], shared: true, topic: 'Shared with Partner' },
  { name: 'random', members: everyone, topic: 'meshbot is not in here' },
  { name: 'leads', kind: 'private', members: ['carla'] },
  { name: 'old-mesh', members: [...everyone, 'bot'], archived: true },
];

/** A workspace with all sorts of people and channels, and nothing said yet. */
export function createWorkspace(now: () => number): Workspace {
  const listeners = new Set<() => void>();
  const workspace: Workspace = {
    team,
    otherTeam,
    app,
    people: new Map(people.map((one) => [one.id, one])),
    groups: groups.map((group) => ({ ...group })),
    channels: new Map(),
    messages: new Map(),
    files: new Map(),
    views: new Map(),
    modals: new Map(),
    homes: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    now,
    nextTs: timestamps(now),
    changed: () => {
      for (const listener of listeners) listener();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  for (const channel of channels) addChannel(workspace, channel);
  for (const { id, kind } of people) if (kind === 'member') openDirect(workspace, id);
  return workspace;
}

export function addChannel(workspace: Workspace, wanted: NewChannel): Channel {
  const { id = newId('C'), name, kind = 'public', members, topic = '', archived = false, shared = false } = wanted;
  const ids = members.map((member) => (member === 'bot' ? workspace.app.botUser : personOf(workspace, member).id));
  const channel: Channel = { id, name, kind, members: new Set(ids), topic, archived, shared };
  workspace.channels.set(id, channel);
  workspace.changed();
  return channel;
}

/** The conversation of the app with one person. */
export function openDirect(workspace: Workspace, user: string): Channel {
  const { channels, app: self } = workspace;
  const found = Array.from(channels.values()).find(({ kind, members }) => kind === 'im' && members.has(user));
  if (found !== undefined) return found;
  const members = new Set([user, self.botUser]);
  const direct: Channel = {
    id: newId('D'),
    name: user,
    kind: 'im',
    members,
    topic: '',
    archived: false,
    shared: false,
  };
  channels.set(direct.id, direct);
  workspace.changed();
  return direct;
}

/** By name or id. Throws where nobody has it: that is a mistake of whoever asks. */
export function personOf(workspace: Workspace, nameOrId: string): Person {
  const wanted = nameOrId === 'bot' ? workspace.app.botUser : nameOrId.replace(/^@/, '');
  const found = Array.from(workspace.people.values()).find(({ id, name }) => id === wanted || name === wanted);
  if (found === undefined) throw new Error(`Nobody in the sandbox is called ${nameOrId}`);
  return found;
}

/** By `#name`, name or id; `@name` is that person's direct conversation with the app. */
export function channelOf(workspace: Workspace, nameOrId: string): Channel {
  if (nameOrId.startsWith('@')) return openDirect(workspace, personOf(workspace, nameOrId).id);
  const wanted = nameOrId.replace(/^#/, '');
  const found = Array.from(workspace.channels.values()).find(({ id, name }) => id === wanted || name === wanted);
  if (found === undefined) throw new Error(`There is no channel ${nameOrId} in the sandbox`);
  return found;
}

function person(id: string, name: string, realName: string, kind: PersonKind = 'member'): Person {
  return { id, name, realName, kind, team: kind === 'stranger' ? otherTeam.id : team.id, timeZone: 'Europe/Berlin' };
}

/** Each later than the one before, also where the clock stands still. */
function timestamps(now: () => number): () => string {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(now() * 1_000));
    return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
  };
}
