// Files that were shared in a message.

import { fetchFile, fileUrl } from '../api.js';
import { h } from '../dom.js';
import { diffLines } from '../text/rich-text.js';
import { icon } from './icons.js';

const PREVIEW_BYTES = 256 * 1024;
const PREVIEW_LINES = 12;
const TEXT_NAMES = /\.(txt|log|ya?ml|json|diff|patch|md|csv|conf|ini|toml)$/i;

const isText = (file) => /^text\/|json|yaml|xml/.test(file.mimetype ?? '') || TEXT_NAMES.test(file.name ?? '');

function size(bytes) {
  if (!Number.isFinite(bytes)) return '';
  const [unit, divisor] = bytes < 1000 ? ['B', 1] : bytes < 1_000_000 ? ['kB', 1000] : ['MB', 1_000_000];
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(bytes / divisor)} ${unit}`;
}

function show(frame, file, text, isWhole) {
  const lines = text.split('\n');
  const shown = isWhole ? text : lines.slice(0, PREVIEW_LINES).join('\n');
  const isDiff = /\.(diff|patch)$/i.test(file.name) || /^(--- |@@ )/m.test(text);
  const code = h('pre', { tabindex: 0 }, h('code', {}, ...(isDiff ? diffLines(shown) : [shown])));
  const more = () => show(frame, file, text, !isWhole);
  const label = isWhole ? 'Show less' : `Show all ${lines.length} lines`;
  const button = h(
    'button',
    { type: 'button', class: 'text-button', 'aria-expanded': String(isWhole), onclick: more },
    label,
  );
  frame.replaceChildren(code, ...(lines.length > PREVIEW_LINES ? [button] : []));
}

async function preview(frame, file) {
  try {
    show(frame, file, await fetchFile(file.id), false);
  } catch {
    frame.replaceChildren(
      h('p', { class: 'file-note' }, 'The preview could not be loaded. The download may still work.'),
    );
  }
}

export function fileCard(file) {
  const title = file.title && file.title !== file.name ? h('span', { class: 'file-title' }, file.title) : null;
  const names = h(
    'span',
    { class: 'file-names' },
    title,
    h('span', { class: 'file-name' }, file.name),
    size(file.size),
  );
  const download = {
    href: fileUrl(file.id),
    download: file.name,
    class: 'icon-button',
    'aria-label': `Download ${file.name}`,
  };
  const head = h('div', { class: 'file-head' }, icon('file'), names, h('a', download, icon('download')));
  const card = h('div', { class: 'file', 'data-testid': 'file' }, head);
  if (isText(file) && (file.size ?? 0) <= PREVIEW_BYTES) {
    const frame = h('div', { class: 'file-preview' });
    card.append(frame);
    preview(frame, file);
  }
  return card;
}
