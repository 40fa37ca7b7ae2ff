// Tables people can sort, filter and turn the pages of.

import { h } from '../dom.js';
import { cellClass, cellContent, cellText, scrollFrame, tableRow } from './table.js';

function compare(a, b) {
  const [left, right] = [cellText(a), cellText(b)];
  const difference = Number(left) - Number(right);
  return Number.isNaN(difference) ? left.localeCompare(right) : difference;
}

function visible(state) {
  const wanted = state.filter.toLowerCase();
  const rows = state.rows.filter((row) => row.some((cell) => cellText(cell).toLowerCase().includes(wanted)));
  if (state.column < 0) return rows;
  return rows.toSorted((a, b) => compare(a[state.column], b[state.column]) * state.direction);
}

function sortBy(state, column) {
  if (state.column === column) state.direction = -state.direction;
  else Object.assign(state, { column, direction: 1 });
  state.page = 0;
  draw(state);
  state.table.querySelectorAll('.sort')[column]?.focus();
}

function headCell(state, cell, index, ctx) {
  const isSorted = state.column === index;
  const order = state.direction > 0 ? 'ascending' : 'descending';
  const arrow = isSorted ? (state.direction > 0 ? ' ↑' : ' ↓') : '';
  const press = { type: 'button', class: 'sort', onclick: () => sortBy(state, index) };
  return h(
    'th',
    { scope: 'col', class: cellClass(state.rows[0]?.[index] ?? cell), 'aria-sort': isSorted ? order : null },
    h('button', press, ...cellContent(cell, ctx), arrow),
  );
}

function pager(state, count) {
  const pages = Math.max(1, Math.ceil(count / state.size));
  const turn = (label, step) => {
    const next = state.page + step;
    const onclick = () => {
      draw(Object.assign(state, { page: next }));
      state.foot.querySelector('button:enabled')?.focus();
    };
    return h(
      'button',
      { type: 'button', class: 'button plain small', disabled: next < 0 || next >= pages, onclick },
      label,
    );
  };
  const first = count === 0 ? 0 : state.page * state.size + 1;
  const range = `${first}–${Math.min(count, first + state.size - 1)} of ${count}`;
  return [h('span', { 'aria-live': 'polite' }, range), turn('Previous', -1), turn('Next', 1)];
}

function draw(state) {
  const rows = visible(state);
  const { ctx, options } = state;
  const page = rows.slice(state.page * state.size, (state.page + 1) * state.size);
  const head = h('tr', {}, ...state.head.map((cell, index) => headCell(state, cell, index, ctx)));
  state.table.replaceChildren(
    h('caption', {}, state.caption),
    h('thead', {}, head),
    h('tbody', {}, ...page.map((row) => tableRow(row, 'td', ctx, options))),
  );
  state.foot.replaceChildren(...pager(state, rows.length));
}

export function dataTable(block, ctx) {
  const [head = [], ...rows] = block.rows ?? [];
  const state = { ctx, head, rows, filter: '', column: -1, direction: 1, page: 0, caption: block.caption ?? '' };
  state.size = Math.min(100, Math.max(1, block.page_size ?? 5));
  state.options = { headerColumn: block.row_header_column_index ?? -1 };
  state.table = h('table', {});
  state.foot = h('div', { class: 'table-foot' });
  const oninput = (event) => draw(Object.assign(state, { filter: event.currentTarget.value, page: 0 }));
  const isLong = rows.length > state.size;
  const field = {
    type: 'search',
    class: 'field-input small',
    placeholder: 'Filter rows',
    'aria-label': 'Filter rows',
    oninput,
  };
  draw(state);
  return h(
    'div',
    {},
    isLong ? h('input', field) : null,
    scrollFrame(state.caption || 'Table', state.table),
    state.foot,
  );
}
