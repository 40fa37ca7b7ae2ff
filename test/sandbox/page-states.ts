// Canned workspaces for the tests of the sandbox page.

import { allWell, broken, digest, lookedAt, notKnown, proposal, rich, table, text, why } from './page-blocks.ts';
import { acting, showing } from './page-kitchen.ts';

const user = (id: string, name: string, realName: string, kind = 'member') => ({ id, name, realName, kind });
const channel = (id: string, name: string, more: Record<string, unknown> = {}) => ({
  id,
  name,
  kind: 'public',
  isMember: true,
  botIsMember: true,
  topic: '',
  archived: false,
  shared: false,
  ...more,
});

export const users = [
  user('U1', 'ana', 'Ana Ruiz'),
  user('U2', 'ben', 'Ben Okafor'),
  user('U3', 'carla', 'Carla Jansen'),
  user('U4', 'gus', 'Gus Lindqvist', 'guest'),
  user('U5', 'vera', 'Vera Stahl-Montenegro', 'stranger'),
  user('U6', 'otto', 'Otto Gone', 'deleted'),
  user('UBOT', 'meshbot', 'meshbot', 'bot'),
];

const channels = [
  channel('C1', 'mesh-oncall', { topic: 'Is the mesh well? Ask meshbot.' }),
  channel('C2', 'payments', { kind: 'private' }),
  channel('C3', 'a-channel-with-quite-a-long-name-for-a-sidebar', { shared: true }),
  channel('C4', 'kitchen'),
  channel('C5', 'old-mesh', { archived: true }),
  channel('D1', 'meshbot', { kind: 'im' }),
];

const groups = [{ id: 'S1', handle: 'sre-oncall', name: 'SRE on call' }];

export const commands = [
  {
    command: '/mesh',
    description: 'Ask about the service mesh',
    usageHint: 'mtls|metrics|traffic|help [namespace or workload]',
  },
];

// Times are minutes before now, so that the page shows them as of today.
const START = Date.now();

const at = (minutes: number) => Math.floor(START / 1000) - minutes * 60;
const ts = (minutes: number, part = 1) => `${at(minutes)}.${String(part).padStart(6, '0')}`;
const post = (minutes: number, who: string, line: string, more: Record<string, unknown> = {}) => ({
  ts: ts(minutes),
  user: who,
  text: line,
  ...more,
});
const root = ts(3);
const reply = (minutes: number, part: number, blocks: unknown) => ({
  ...post(minutes, 'UBOT', `Reply ${part}`, { blocks, thread_ts: root }),
  ts: ts(minutes, part),
});

const oncall = [
  post(60 * 26, 'UBOT', 'bookinfo + payments: 1 new problem, 2 fixed', { blocks: digest }),
  post(58, 'UBOT', 'Every connection in bookinfo uses mTLS', { blocks: allWell(at(58)) }),
  post(20, 'U2', 'reviews is failing since the last deploy, <@U1> can you look? See `reviews-v1-only`'),
  post(19, 'U1', 'on it', { reactions: [{ name: 'white_check_mark', users: ['U2', 'U3'] }] }),
  post(18, 'UBOT', 'I cannot tell whether bookinfo uses mTLS', { blocks: notKnown(at(18)) }),
  post(3, 'UBOT', 'productpage sends plaintext to reviews, which refuses it', {
    blocks: broken(at(3)),
    reply_count: 4,
  }),
  reply(3, 2, why),
  reply(3, 3, table),
  reply(3, 4, lookedAt),
  reply(1, 5, proposal(at(-15))),
  post(0, 'UBOT', 'I don’t know `mtsl`. Did you mean `/mesh mtls bookinfo`?', { ephemeral: true }),
];

const kitchen = [
  post(9, 'UBOT', 'Every block', { blocks: showing }),
  post(8, 'UBOT', 'Every element', { blocks: acting, edited: { ts: ts(7) } }),
  post(7, 'UBOT', 'A file', {
    files: [
      { id: 'F1', name: 'reviews-v1-only.diff', title: 'The change', size: 312, mimetype: 'text/plain' },
      { id: 'F2', name: 'snapshot.json.gz', title: 'snapshot.json.gz', size: 48_211, mimetype: 'application/gzip' },
    ],
  }),
];

const words = rich('h-text', {
  type: 'rich_text_section',
  elements: [text('✔ 61 checks fine in 2 clusters · '), text('1 to look at', { bold: true })],
});
const check = { type: 'button', action_id: 'refresh', text: { type: 'plain_text', text: 'Check now' }, value: 'all' };
const home = {
  blocks: [
    { type: 'header', block_id: 'h-head', text: { type: 'plain_text', text: 'How the mesh is' } },
    words,
    { type: 'actions', block_id: 'h-actions', elements: [check] },
  ],
};

/** A workspace with a busy channel (C1), an empty one (C2) and one with every block (C4). */
export function workspace() {
  const messages = { C1: oncall, C4: kitchen };
  return { team: { name: 'Acme Platform' }, me: 'U1', users, groups, channels, messages, home, modal: null, commands };
}

export const files = new Map([
  [
    'F1',
    [
      '--- bookinfo/reviews-v1-only',
      '+++ bookinfo/reviews-v1-only',
      '@@ spec @@',
      ' host: reviews.bookinfo.svc.cluster.local',
      '-trafficPolicy:',
      '-  tls:',
      '-    mode: DISABLE',
      ' subsets:',
      ' - name: v1',
      '   labels:',
      '     version: v1',
      '+# auto mTLS',
      ' # end',
      ' # of file',
    ].join('\n'),
  ],
]);
