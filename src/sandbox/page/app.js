// What the page knows, and what people can do on it. Views read it and never change it themselves.

import { askOptions, fetchState, openHome, sendAction } from './api.js';
import { readRoute, writeRoute } from './route.js';
import { askToConfirm } from './view/dialogs.js';
import { failureText, notice } from './view/notices.js';

const isReply = (message) => Boolean(message.thread_ts) && message.thread_ts !== message.ts;
const byTime = (a, b) => Number.parseFloat(a.ts) - Number.parseFloat(b.ts);
const isWide = () => matchMedia('(min-width: 1061px)').matches;

function index(app) {
  const { state } = app;
  app.users = new Map((state.users ?? []).map((user) => [user.id, user]));
  app.groups = new Map((state.groups ?? []).map((group) => [group.id, group]));
  app.channels = new Map((state.channels ?? []).map((channel) => [channel.id, channel]));
  const names = JSON.stringify([state.users, state.channels, state.groups]);
  if (names !== app.names) Object.assign(app, { names, namesVersion: app.namesVersion + 1 });
  app.as =
    app.route.as && app.users.has(app.route.as) ? app.route.as : (state.me?.id ?? state.me ?? state.users?.[0]?.id);
  app.route.as = app.as;
}

/** Where the address leads; what does not exist (any more) falls back to the first channel. */
function locate(app) {
  const { route } = app;
  const open = [...app.channels.values()];
  const first =
    open.find((channel) => channel.isMember && channel.botIsMember) ?? open.find((channel) => channel.isMember);
  app.isHome = route.view === 'home';
  app.channelId = app.channels.has(route.channel) ? route.channel : ((first ?? open[0])?.id ?? null);
  app.channel = app.channels.get(app.channelId) ?? null;
  app.messages = [...(app.state.messages?.[app.channelId] ?? [])].sort(byTime);
  app.threadTs = app.isHome ? null : threadToShow(app);
}

/** The thread the address names, else the newest answer of the bot where there is room for it. */
function threadToShow(app) {
  const { thread } = app.route;
  if (thread === 'none') return null;
  const named = thread ? app.messageAt(thread) : null;
  if (thread) return named && (isReply(named) ? named.thread_ts : named.ts);
  return isWide() ? (newestAnswer(app)?.ts ?? null) : null;
}

function newestAnswer(app) {
  const isAnswer = (root) => app.repliesTo(root.ts).some((reply) => app.users.get(reply.user)?.kind === 'bot');
  return app.roots().findLast(isAnswer) ?? null;
}

/** Opens the thread of an answer that has just come, unless that would cover the channel or take away a draft. */
function followAnswer(app) {
  const answer = newestAnswer(app);
  const place = `${app.as}/${app.channelId}`;
  const isNew = app.answered.place === place && answer !== null && Number(answer.ts) > Number(app.answered.ts ?? 0);
  app.answered = { place, ts: answer?.ts ?? null };
  if (!isNew || !isWide() || app.isHome || !app.isThreadIdle()) return;
  app.route.thread = answer.ts;
  app.threadTs = answer.ts;
}

function markSeen(app) {
  for (const [id, messages] of Object.entries(app.state.messages ?? {})) {
    const newest = messages.reduce((latest, message) => Math.max(latest, Number.parseFloat(message.ts)), 0);
    const key = `${app.as}/${id}`;
    app.newest.set(key, newest);
    const isShown = !app.isHome && id === app.channelId;
    if (isShown || !app.seen.has(key)) app.seen.set(key, newest);
  }
}

function readers(app) {
  return {
    roots: () => app.messages.filter((message) => !isReply(message)),
    repliesTo: (ts) => app.messages.filter((message) => isReply(message) && message.thread_ts === ts),
    messageAt: (ts) => app.messages.find((message) => message.ts === ts) ?? null,
    isUnread: (id) => (app.newest.get(`${app.as}/${id}`) ?? 0) > (app.seen.get(`${app.as}/${id}`) ?? 0),
  };
}

function navigation(app) {
  const go = (changes, options = { push: true }) => {
    app.route = { ...app.route, ...changes };
    document.getElementById('app').classList.remove('shows-sidebar');
    app.update(options);
  };
  return {
    openChannel: (channel) => go({ channel, thread: undefined, view: undefined }),
    openThread: (thread, { focus = false } = {}) => {
      go({ thread });
      if (focus) app.focusThread();
    },
    closeThread: () => go({ thread: 'none' }),
    openAppHome: () => {
      go({ view: 'home' });
      return tell(app, openHome({ as: app.as }));
    },
    become: async (as) => {
      go({ as });
      app.listen();
      await app.refresh();
      if (app.isHome) await tell(app, openHome({ as }));
    },
    toggleSidebar: () => document.getElementById('app').classList.toggle('shows-sidebar'),
  };
}

async function tell(app, request, fallback) {
  const result = await request.catch(() => ({
    ok: false,
    error: 'The sandbox does not answer. Start it again with npm start.',
  }));
  if (result.ok === false) notice(failureText(result.error, fallback ?? 'The app could not do that.'));
  await app.refresh();
  return result;
}

/** What blocks need to draw themselves and to report what people do. */
function context(app, place, more) {
  return {
    users: app.users,
    channels: app.channels,
    groups: app.groups,
    me: app.as,
    place,
    openChannel: app.openChannel,
    act: (payload) => tell(app, sendAction({ as: app.as, ...payload })),
    options: (payload) => askOptions({ as: app.as, ...payload }),
    confirm: (confirm) =>
      askToConfirm(confirm, { users: app.users, channels: app.channels, groups: app.groups, me: app.as }),
    ...more,
  };
}

/** Fetches at most once at a time; what happens meanwhile is fetched right after. */
function refresher(app) {
  let running = null;
  let isStale = false;
  const run = async () => {
    do {
      isStale = false;
      const { as } = app.route;
      const state = await fetchState(as);
      if (app.route.as === as) app.state = state;
      else isStale = true;
    } while (isStale);
    app.update();
  };
  return () => {
    isStale = true;
    running ??= run()
      .then(() => app.onconnection(true))
      .catch(() => app.onconnection(false))
      .finally(() => {
        running = null;
      });
    return running;
  };
}

/** `draw` shows the state; the rest is filled in by main.js, which knows the views. */
export function createApp(draw) {
  const app = { state: null, route: readRoute(), namesVersion: 0, names: '', newest: new Map(), seen: new Map() };
  app.answered = { place: null, ts: null };
  Object.assign(app, readers(app), navigation(app));
  app.context = (place, more) => context(app, place, more);
  app.tell = (request, fallback) => tell(app, request, fallback);
  app.refresh = refresher(app);
  app.update = (options) => {
    if (!app.state) return;
    index(app);
    locate(app);
    followAnswer(app);
    markSeen(app);
    const { view, thread } = app.route;
    writeRoute(
      { as: app.as, channel: app.channelId, thread: app.threadTs ?? (thread === 'none' ? 'none' : null), view },
      options,
    );
    draw(app);
  };
  return app;
}
