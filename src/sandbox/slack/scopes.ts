import type { Channel } from './state.ts';

type Kind = Channel['kind'];

/** A scope, or one per kind of conversation. */
const needed: Readonly<Record<string, string | Readonly<Record<Kind, string>>>> = {
  'chat.postMessage': 'chat:write',
  'chat.postEphemeral': 'chat:write',
  'chat.update': 'chat:write',
  'chat.delete': 'chat:write',
  'conversations.open': 'im:write',
  'conversations.info': { public: 'channels:read', private: 'groups:read', im: 'im:read' },
  'conversations.members': { public: 'channels:read', private: 'groups:read', im: 'im:read' },
  'conversations.list': { public: 'channels:read', private: 'groups:read', im: 'im:read' },
  'conversations.history': { public: 'channels:history', private: 'groups:history', im: 'im:history' },
  'conversations.replies': { public: 'channels:history', private: 'groups:history', im: 'im:history' },
  'users.info': 'users:read',
  'users.list': 'users:read',
  'usergroups.list': 'usergroups:read',
  'usergroups.users.list': 'usergroups:read',
  'files.getUploadURLExternal': 'files:write',
  'files.completeUploadExternal': 'files:write',
  'files.info': 'files:read',
  'reactions.add': 'reactions:write',
};

/** The scope that the call needs, by the kind of conversation it is about. */
export function neededScope(method: string, kind: Kind): string | undefined {
  const scope = needed[method];
  return typeof scope === 'object' ? scope[kind] : scope;
}
