// The address keeps what is shown, so that a link or a screenshot can be made again: #as=U1&channel=C1&thread=…

const KEYS = ['as', 'channel', 'thread', 'view'];

export function readRoute() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(KEYS.filter((key) => given.get(key)).map((key) => [key, given.get(key)]));
}

/** `push` makes an entry the Back button returns to. */
export function writeRoute(route, { push = false } = {}) {
  const kept = KEYS.filter((key) => route[key]).map((key) => [key, route[key]]);
  const hash = `#${new URLSearchParams(kept)}`;
  if (hash === location.hash) return;
  if (push) history.pushState(null, '', hash);
  else history.replaceState(null, '', hash);
}
