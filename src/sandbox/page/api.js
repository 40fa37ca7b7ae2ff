// The sandbox server, same origin.

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok || body.errors) return body;
  return { ok: false, ...body, error: body.error ?? `The sandbox answered ${response.status}.` };
}

async function post(path, body) {
  const response = await fetch(`/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer(response);
}

/** What `as` sees; without `as`, or when nobody has that id, what the first member sees. */
export async function fetchState(as) {
  const response = await fetch(`/sandbox/state${as ? `?as=${encodeURIComponent(as)}` : ''}`);
  if (as && response.status >= 400 && response.status < 500) return fetchState();
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
  return response.json();
}

/** The text of a file that was shared in the workspace. */
export async function fetchFile(id) {
  const response = await fetch(fileUrl(id));
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
  return response.text();
}

export const fileUrl = (id) => `/sandbox/file/${encodeURIComponent(id)}`;
export const eventsUrl = (as) => `/sandbox/events?as=${encodeURIComponent(as)}`;
export const sendCommand = (body) => post('command', body);
export const sendMessage = (body) => post('message', body);
export const sendAction = (body) => post('action', body);
export const sendSubmit = (body) => post('submit', body);
export const sendClose = (body) => post('close', body);
export const sendShortcut = (body) => post('shortcut', body);
export const openHome = (body) => post('home', body);
export const askOptions = (body) => post('options', body);
