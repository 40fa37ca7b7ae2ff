// Building blocks of the page. Data only ever becomes text nodes and attributes, never markup.

const SVG = 'http://www.w3.org/2000/svg';
const FORBIDDEN = new Set(['style', 'srcdoc', 'innerHTML', 'outerHTML']);

function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (FORBIDDEN.has(name)) throw new Error(`The attribute ${name} may not be set on an element`);
  if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  else element.setAttribute(name, value === true ? '' : String(value));
}

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) setAttribute(element, name, value);
  element.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element: `on…` attributes are listeners, `null` and `false` are left out, strings are literal text. */
export function h(tag, attributes, ...children) {
  return build(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes, ...children) {
  return build(document.createElementNS(SVG, tag), attributes, children);
}

/** The address when it is one a person may safely follow, else null. */
export function safeUrl(url) {
  try {
    const parsed = new URL(String(url));
    return ['http:', 'https:', 'mailto:'].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}

/** A link that opens elsewhere; an address we do not trust stays visible as text. */
export function link(url, ...children) {
  const href = safeUrl(url);
  if (href === null) return h('span', { class: 'dead-link', title: String(url) }, ...children);
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer', title: String(url) }, ...children);
}

const signatures = new WeakMap();

function carryOver(old, fresh) {
  for (const details of old.querySelectorAll('details[data-keep]')) {
    const twin = fresh.querySelector(`details[data-keep="${CSS.escape(details.dataset.keep)}"]`);
    if (twin) twin.open = details.open;
  }
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  old.replaceWith(fresh);
  if (!focused) return;
  const key = focused.dataset.focus;
  const twin = key && fresh.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  (twin ?? fresh).focus({ preventScroll: true });
}

function placed(parent, item, old, cursor) {
  const kept = old.get(item.key);
  old.delete(item.key);
  if (kept && signatures.get(kept) === item.signature) return kept;
  const fresh = item.render();
  fresh.dataset.key = item.key;
  signatures.set(fresh, item.signature);
  if (kept) carryOver(kept, fresh);
  else parent.insertBefore(fresh, cursor);
  return fresh;
}

/**
 * Makes the children of `parent` equal `items` ({key, signature, render}). What has not changed stays as it is,
 * with its focus, typed text and open parts.
 */
export function reconcile(parent, items) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = new Set(items.map((item) => item.key));
  for (const [key, child] of old) if (!wanted.has(key)) child.remove();
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const isHere = cursor !== null && cursor.dataset.key === item.key;
    const next = isHere ? cursor.nextElementSibling : cursor;
    const element = placed(parent, item, old, cursor);
    if (!isHere && element.nextElementSibling !== cursor) parent.insertBefore(element, cursor);
    cursor = next;
  }
}
