// Line, area and bar charts.

import { s } from '../dom.js';

const WIDTH = 560;
const HEIGHT = 220;
const LEFT = 46;
const RIGHT = 12;
const TOP = 12;

/** Round steps between 0 (or the least value) and the greatest. */
export function ticks(least, greatest) {
  const low = Math.min(0, least);
  const span = Math.max(greatest - low, 1e-9);
  const raw = span / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw);
  const first = Math.floor(low / step) * step;
  const count = Math.ceil((greatest - first) / step - 1e-9);
  return Array.from({ length: Math.max(count, 1) + 1 }, (_, index) => Number((first + index * step).toPrecision(12)));
}

function frame(given) {
  const config = given.axis_config ?? {};
  const series = given.series ?? [];
  const categories = config.categories ?? (series[0]?.data ?? []).map((point) => point.label);
  const values = series.flatMap((one) => (one.data ?? []).map((point) => Number(point.value)));
  const steps = ticks(Math.min(...values, 0), Math.max(...values, 0));
  const bottom = HEIGHT - (config.x_label ? 44 : 28);
  const [low, high] = [steps[0], steps.at(-1)];
  const band = (WIDTH - LEFT - RIGHT) / Math.max(categories.length, 1);
  const isBar = given.type === 'bar';
  const between = (WIDTH - LEFT - RIGHT - 24) / Math.max(categories.length - 1, 1);
  return {
    config,
    series,
    categories,
    steps,
    bottom,
    band,
    x: (index) => (isBar ? LEFT + band * (index + 0.5) : LEFT + 12 + between * index),
    y: (value) => bottom - ((value - low) / (high - low)) * (bottom - TOP),
  };
}

const shortNumber = (value) => new Intl.NumberFormat(undefined, { notation: 'compact' }).format(value);

function grid({ steps, y, bottom, categories, x, config }) {
  const lines = steps.flatMap((step) => [
    s('line', { x1: LEFT, x2: WIDTH - RIGHT, y1: y(step), y2: y(step), class: step === 0 ? 'axis' : 'grid' }),
    s('text', { x: LEFT - 8, y: y(step) + 4, 'text-anchor': 'end' }, shortNumber(step)),
  ]);
  const longest = Math.max(...categories.map((name) => String(name).length), 1);
  const every = Math.max(1, Math.ceil((categories.length * longest * 7) / (WIDTH - LEFT)));
  // The last one ends where the chart does.
  const anchor = (index) => (index > 0 && index === categories.length - 1 ? 'end' : 'middle');
  const labels = categories.map((name, index) =>
    index % every === 0 ? s('text', { x: x(index), y: bottom + 18, 'text-anchor': anchor(index) }, String(name)) : null,
  );
  const middle = (TOP + bottom) / 2;
  const turned = {
    x: 0,
    y: 0,
    'text-anchor': 'middle',
    transform: `translate(11 ${middle}) rotate(-90)`,
    class: 'axis-name',
  };
  const centred = { x: (LEFT + WIDTH) / 2, y: HEIGHT - 6, 'text-anchor': 'middle', class: 'axis-name' };
  const yName = config.y_label ? s('text', turned, config.y_label) : null;
  return [...lines, ...labels, yName, config.x_label ? s('text', centred, config.x_label) : null];
}

const tip = (one, point) => s('title', {}, `${one.name}, ${point.label}: ${point.value}`);

function line(one, index, box, isArea) {
  const points = (one.data ?? []).map((point, at) => [box.x(at), box.y(Number(point.value)), point]);
  const path = points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join(' L');
  const name = `series-${index % 6}`;
  const base = box.y(Math.max(0, box.steps[0]));
  const area = isArea && points.length > 0 ? `M${points[0][0]} ${base} L${path} L${points.at(-1)[0]} ${base} Z` : null;
  const dots = points.map(([cx, cy, point]) => s('circle', { cx, cy, r: 3, class: `${name} dot` }, tip(one, point)));
  return s(
    'g',
    {},
    area && s('path', { d: area, class: `${name} area` }),
    s('path', { d: `M${path}`, class: `${name} line` }),
    ...dots,
  );
}

function bars(box) {
  const inner = Math.min(box.band * 0.68, 60 * box.series.length);
  const width = inner / box.series.length;
  const zero = box.y(0);
  return box.series.flatMap((one, index) =>
    (one.data ?? []).map((point, at) => {
      const y = box.y(Number(point.value));
      const place = { x: box.x(at) - inner / 2 + index * width + 1, y: Math.min(y, zero), rx: 2 };
      const size = { width: Math.max(width - 2, 1), height: Math.abs(zero - y) };
      return s('rect', { ...place, ...size, class: `series-${index % 6} fill` }, tip(one, point));
    }),
  );
}

/** A line, area or bar chart as SVG. */
export function axisChart(given) {
  const box = frame(given);
  const isArea = given.type === 'area';
  const marks = given.type === 'bar' ? bars(box) : box.series.map((one, index) => line(one, index, box, isArea));
  return s('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'chart' }, ...grid(box), ...marks);
}
