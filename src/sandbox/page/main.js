// Puts the page together: state from the server, views that show it, and the events that make it change.

import { eventsUrl, openHome } from './api.js';
import { createApp } from './app.js';
import { readRoute } from './route.js';
import { send } from './send.js';
import { refreshAges } from './time.js';
import { createMain, renderMain } from './view/channel.js';
import { renderModal } from './view/dialogs.js';
import { connectionNotice } from './view/notices.js';
import { renderSidebar } from './view/sidebar.js';
import { createThread, renderThread } from './view/thread.js';

const modal = { id: null, dialog: null, view: null, dismissed: null };
let main = null;
let thread = null;
let events = null;

const app = createApp(() => {
  renderSidebar(app);
  renderMain(main, app);
  renderThread(thread, app);
  renderModal(modal, app);
  document.title = `${app.isHome ? 'App Home' : (app.channel?.name ?? 'meshbot')} · meshbot sandbox`;
});

function listen() {
  if (events?.as === app.as) return;
  events?.source.close();
  const source = new EventSource(eventsUrl(app.as));
  events = { as: app.as, source };
  source.addEventListener('changed', () => app.refresh());
  source.addEventListener('open', () => app.refresh());
  source.addEventListener('error', () => connectionNotice(true));
}

async function followAddress() {
  const before = app.as;
  app.route = readRoute();
  if (app.route.as && app.route.as !== before) await app.become(app.route.as);
  else app.update();
}

function onkey(event) {
  if (event.key !== 'Escape' || document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (document.getElementById('app').classList.contains('shows-sidebar')) app.toggleSidebar();
  else if (document.getElementById('thread').contains(document.activeElement)) app.closeThread();
}

async function start() {
  Object.assign(app, {
    listen,
    onconnection: (isThere) => connectionNotice(!isThere),
    send: (text, options) => send(app, text, options),
    runCommand: (text) => send(app, text),
    isThreadIdle: () => thread.composer.isEmpty(),
    toEnd: ({ isThread }) => (isThread ? thread : main).position.toEnd(),
    focusThread: () => thread.composer.focus(),
  });
  main ??= createMain(app);
  thread ??= createThread(app);
  await app.refresh();
  if (!app.state) return void setTimeout(start, 2000);
  listen();
  if (app.isHome) await app.tell(openHome({ as: app.as }));
  if (matchMedia('(hover: hover)').matches && !modal.dialog) main.composer.focus();
}

addEventListener('popstate', followAddress);
addEventListener('keydown', onkey);
document.getElementById('scrim').addEventListener('click', () => app.toggleSidebar());
document.getElementById('skip').addEventListener('click', (event) => {
  event.preventDefault();
  main?.composer.focus();
});
setInterval(refreshAges, 20_000);
start();
