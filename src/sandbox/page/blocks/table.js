// Tables. The first row is the header.

import { h } from '../dom.js';
import { literal } from '../text/emoji.js';
import { richText } from '../text/rich-text.js';

const number = (cell) => cell.text ?? new Intl.NumberFormat().format(cell.value ?? cell.number ?? 0);

/** The content of one cell. */
export function cellContent(cell, ctx) {
  if (cell?.type === 'rich_text') return richText(cell, ctx);
  if (cell?.type === 'raw_number') return literal(String(number(cell)));
  return literal(String(cell?.text ?? ''));
}

/** A cell's text, for sorting and filtering. */
export function cellText(cell) {
  if (cell?.type === 'raw_number') return String(cell.value ?? cell.number ?? cell.text ?? '');
  return cell?.text ?? (cell?.elements ?? []).map(cellText).join('');
}

/** Numbers stand on the right unless the app says otherwise. */
export function cellClass(cell, settings) {
  const align = settings?.align ?? (cell?.type === 'raw_number' ? 'right' : 'left');
  return `align-${align}${settings?.is_wrapped ? ' is-wrapped' : ''}`;
}

/** A row of cells; `headerColumn` is the column that names the row, `like` a row that is aligned the same. */
export function tableRow(row, tag, ctx, { settings = [], headerColumn = -1, like = row } = {}) {
  const cells = row.map((cell, index) => {
    const isHeader = tag === 'th' || index === headerColumn;
    const scope = tag === 'th' ? 'col' : isHeader ? 'row' : null;
    return h(
      isHeader ? 'th' : 'td',
      { class: cellClass(like[index] ?? cell, settings[index]), scope },
      ...cellContent(cell, ctx),
    );
  });
  return h('tr', {}, ...cells);
}

/** The frame that scrolls sideways, so that the page never does. */
export const scrollFrame = (label, ...children) =>
  h('div', { class: 'table-wrap', tabindex: 0, role: 'region', 'aria-label': label }, ...children);

export function table(block, ctx) {
  const [head = [], ...body] = block.rows ?? [];
  const options = { settings: block.column_settings ?? [] };
  const rows = body.map((row) => tableRow(row, 'td', ctx, options));
  const content = h(
    'table',
    {},
    h('thead', {}, tableRow(head, 'th', ctx, { ...options, like: body[0] })),
    h('tbody', {}, ...rows),
  );
  return h('div', {}, scrollFrame('Table', content));
}
