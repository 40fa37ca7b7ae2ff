// Pie charts.

import { s } from '../dom.js';

const CENTRE = 80;
const RADIUS = 72;

function point(share) {
  const angle = share * 2 * Math.PI - Math.PI / 2;
  return `${(CENTRE + RADIUS * Math.cos(angle)).toFixed(2)} ${(CENTRE + RADIUS * Math.sin(angle)).toFixed(2)}`;
}

function slice(from, to) {
  const isLarge = to - from > 0.5 ? 1 : 0;
  return `M${CENTRE} ${CENTRE} L${point(from)} A${RADIUS} ${RADIUS} 0 ${isLarge} 1 ${point(to)} Z`;
}

/** A pie chart as SVG; a segment that is everything is a full circle. */
export function pieChart(given) {
  const segments = (given.segments ?? []).filter((segment) => Number(segment.value) > 0);
  const total = segments.reduce((sum, segment) => sum + Number(segment.value), 0);
  let from = 0;
  const slices = segments.map((segment) => {
    const index = given.segments.indexOf(segment);
    const to = from + Number(segment.value) / total;
    const title = s('title', {}, `${segment.label}: ${segment.value}`);
    const attributes = { class: `series-${index % 6} fill slice` };
    const isAll = segments.length === 1;
    const drawn = isAll
      ? s('circle', { cx: CENTRE, cy: CENTRE, r: RADIUS, ...attributes }, title)
      : s('path', { d: slice(from, to), ...attributes }, title);
    from = to;
    return drawn;
  });
  return s('svg', { viewBox: '0 0 160 160', class: 'chart pie' }, ...slices);
}
