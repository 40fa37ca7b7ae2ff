import type { Block } from '@slack/types';
import type { TrendPoint } from '../model/digest.ts';
import { dayOf, timeOf } from './digest-words.ts';

/** `Trend: 5, 4, 3 problems at the last 3 runs.` */
export function trendWords(trend: readonly TrendPoint[]): string {
  if (trend.length < 2) return '';
  const last = trend.slice(-7);
  const unknown = last.at(-1)?.unknown ?? 0;
  const problems = last.map(({ error, warning }) => error + warning).join(', ');
  return `Trend: ${problems} problems at the last ${last.length} runs${unknown > 0 ? `, ${unknown} now unknown` : ''}.`;
}

/** Not yet in Slack's types. A line has up to 20 points. */
interface ChartBlock extends Block {
  readonly type: 'data_visualization';
  readonly title: string;
  readonly chart: {
    readonly type: 'line';
    readonly series: readonly { readonly name: string; readonly data: readonly { label: string; value: number }[] }[];
    readonly axis_config: { readonly categories: readonly string[]; readonly y_label: string };
  };
}

const mostPoints = 20;

export function chartOf(trend: readonly TrendPoint[], timeZone: string): ChartBlock {
  const points = trend.slice(-mostPoints);
  const labels = points.map(({ at }) => `${dayOf(at, timeZone).split(', ')[1] ?? ''} ${timeOf(at, timeZone)}`);
  const series = (['error', 'warning', 'unknown'] as const).map((name) => ({
    name,
    data: points.map((point, index) => ({ label: labels[index] ?? '', value: point[name] })),
  }));
  return {
    type: 'data_visualization',
    title: `Findings at the last ${points.length} runs`,
    chart: { type: 'line', series, axis_config: { categories: labels, y_label: 'findings' } },
  };
}
