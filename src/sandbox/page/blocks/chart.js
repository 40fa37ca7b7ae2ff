// Charts, drawn by hand as SVG. The numbers are also there as a table for those who do not see the picture.

import { h, s } from '../dom.js';
import { axisChart } from './chart-axes.js';
import { pieChart } from './chart-pie.js';

const KINDS = { line: axisChart, area: axisChart, bar: axisChart, pie: pieChart };

function entries(given) {
  if (given.type === 'pie') return (given.segments ?? []).map((segment) => [segment.label, [segment]]);
  return (given.series ?? []).map((series) => [series.name, series.data ?? []]);
}

function legendMark(type, name) {
  if (type === 'line' || type === 'area') return s('path', { d: 'M0 5h22', class: `${name} line` });
  return s('rect', { x: 0, y: 1, width: 12, height: 8, rx: 2, class: `${name} fill` });
}

function legend(given) {
  const shares = given.type === 'pie';
  const total = (given.segments ?? []).reduce((sum, segment) => sum + Number(segment.value), 0);
  const items = entries(given).map(([name, points], index) => {
    const mark = s('svg', {
      viewBox: given.type === 'line' || given.type === 'area' ? '0 0 22 10' : '0 0 12 10',
      'aria-hidden': 'true',
    });
    mark.append(legendMark(given.type, `series-${index % 6}`));
    const share = shares && total > 0 ? ` ${Math.round((100 * points[0].value) / total)} %` : '';
    return h('li', {}, mark, `${name}${share}`);
  });
  return h('ul', { class: 'chart-legend' }, ...items);
}

function numbers(given) {
  const rows = entries(given).flatMap(([name, points]) =>
    points.map((point) => h('tr', {}, h('th', {}, name), h('td', {}, point.label), h('td', {}, String(point.value)))),
  );
  return h('table', { class: 'hidden-text' }, ...rows);
}

export function chart(block) {
  const given = block.chart ?? {};
  const draw = Object.hasOwn(KINDS, given.type) ? KINDS[given.type] : null;
  if (!draw) return h('div', { class: 'unknown-block' }, `${block.type}: ${given.type}`);
  const title = block.title?.text ?? block.title ?? '';
  const picture = draw(given);
  picture.setAttribute('role', 'img');
  picture.setAttribute('aria-label', `${title}, a ${given.type} chart`);
  const isLabelled = given.type === 'pie' || (given.series ?? []).length > 1;
  return h('figure', {}, h('figcaption', {}, title), picture, isLabelled ? legend(given) : null, numbers(given));
}
