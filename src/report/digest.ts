import type { Block, RichTextBlock, RichTextSection } from '@slack/types';
import type { Bucket, Digest, TrendPoint } from '../model/digest.ts';
import { placeOf } from '../model/target.ts';
import { dayOf, sameOf, sentenceOf, type Told, timeOf, toldIn, weekdayTime } from './digest-words.ts';
import { type AnyBlock, literal, type SlackMessage, shorten, splitMessages } from './slack-message.ts';
import { signs } from './words.ts';

export interface DigestMeta {
  /** The schedule's zone: times that say when it was due are by its clock. */
  readonly timeZone: string;
  /** When it is due, in words. */
  readonly schedule: string;
  /** Whose schedule it is: a Slack user id; absent where it comes from the configuration. */
  readonly owner?: string;
}

const headings: Readonly<Record<Bucket, string>> = {
  new: 'New',
  worse: 'Worse',
  muteEnded: 'No longer muted',
  better: 'Better',
  fixed: 'Fixed',
  flapping: 'Flapping',
  notSeen: 'Not seen',
  unchanged: 'Same',
  muted: 'Muted',
};
const told: readonly Bucket[] = ['new', 'worse', 'muteEnded', 'better', 'fixed', 'flapping'];
const detailed: readonly Bucket[] = [...told, 'notSeen', 'unchanged', 'muted'];
const mostLines = 4;
const mostDetails = 8;
const longestLine = 300;

/**
 * The digest for the channel: what changed, one line for what did not, and what could not be seen. Twice: with Slack's
 * chart of the trend, and with the trend in words, for where Slack refuses the chart.
 */
export function digestMessage(
  digest: Digest,
  meta: DigestMeta,
): { readonly withChart: SlackMessage; readonly withoutChart: SlackMessage } {
  const sentence = shorten(sentenceOf(digest, meta.timeZone), 600);
  const head = richText([{ type: 'rich_text_section', elements: [bold(sentence)] }]);
  const body = richText(sectionsOf(digest, meta).map(sectionBlock));
  const foot = footOf(meta);
  const trend = trendWords(digest.trend);
  const line = trend === '' ? [] : [contextOf(trend)];
  const chart = digest.trend.length < 2 ? line : [chartOf(digest.trend, meta)];
  const text = trend === '' ? sentence : `${sentence}. ${trend}`;
  return {
    withChart: { text, blocks: [head, body, ...chart, foot] },
    withoutChart: { text, blocks: [head, body, ...line, foot] },
  };
}

/** For the thread: each finding with the objects that decide it and what to do. Empty where there is nothing to tell. */
export function digestDetails(digest: Digest, { timeZone }: DigestMeta): readonly SlackMessage[] {
  const blocks = detailed.flatMap((bucket) => {
    const all = toldIn(bucket, digest, timeZone);
    const rest = all.length - mostDetails;
    return [
      ...all.slice(0, mostDetails).map((one) => detailBlock(bucket, one)),
      ...(rest > 0 ? [contextOf(`${headings[bucket]}: ${rest} more, none worse than these.`)] : []),
    ];
  });
  return splitMessages(`Details: ${sentenceOf(digest, timeZone)}`, blocks);
}

interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

function sectionsOf(digest: Digest, { timeZone }: DigestMeta): readonly Section[] {
  const missed = digest.missed.map(
    ({ due, why }) => `The digest of ${weekdayTime(due, timeZone)} was not made: ${why}`,
  );
  const ended = digest.endedMutes.map(
    ({ code, namespace, workload, because }) =>
      `The mute of ${code} in ${placeOf({ cluster: '', namespace, ...(workload !== undefined && { workload }) })} has ended (${because}).`,
  );
  const sections = [
    { heading: 'Missed', lines: missed },
    ...told.map((bucket) => ({
      heading: headings[bucket],
      lines: toldIn(bucket, digest, timeZone).map(lineIn(bucket)),
    })),
    { heading: 'Mutes', lines: ended },
    { heading: 'Same', lines: [sameOf(digest, timeZone)] },
    { heading: 'Not seen', lines: unseenLines(digest, timeZone) },
  ];
  return sections.filter(({ lines }) => lines.length > 0).map(({ heading, lines }) => ({ heading, lines: cut(lines) }));
}

function unseenLines(digest: Digest, timeZone: string): readonly string[] {
  const blind = digest.blind.map(({ target, says, next, since }) => {
    const told = `${target.cluster} ${placeOf(target)}: ${says}${next === undefined ? '' : ` ${next}`}`;
    return since === digest.at ? told : `${told} (since ${dayOf(since, timeZone)})`;
  });
  const beyond = digest.beyond.blind > 0 ? [`${digest.beyond.blind} more could not be told.`] : [];
  const gaps = digest.looked.gaps.map(({ target, says }) => `${target.cluster} ${placeOf(target)}: ${says}`);
  return [...blind, ...toldIn('notSeen', digest, timeZone).map(lineIn('notSeen')), ...beyond, ...gaps];
}

/** What is over has no sign: it would look as if it still were. */
function signOf(bucket: Bucket, { severity }: Told): string {
  return bucket === 'fixed' ? '' : `${signs[severity]} `;
}

function lineIn(bucket: Bucket): (told: Told) => string {
  return (one) => `${signOf(bucket, one)}${one.sentence}${one.aside === '' ? '' : ` (${one.aside})`}`;
}

function cut(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostLines;
  const shown = lines.slice(0, mostLines).map((line) => shorten(line, longestLine));
  return rest > 0 ? [...shown, `and ${rest} more`] : shown;
}

function sectionBlock({ heading, lines }: Section, index: number): RichTextSection {
  const lead = index === 0 ? heading : `\n${heading}`;
  return {
    type: 'rich_text_section',
    elements: [bold(lead), { type: 'text', text: lines.map((one) => `\n${one}`).join('') }],
  };
}

function detailBlock(bucket: Bucket, one: Told): AnyBlock {
  const { sentence, aside, why, next } = one;
  const lines = [
    ...(aside === '' ? [] : [aside]),
    ...why.map((one) => `why: ${one}`),
    ...(next === undefined ? [] : [`next: ${next}`]),
  ].map((text) => shorten(text, longestLine));
  const head = bold(shorten(`${headings[bucket]}: ${signOf(bucket, one)}${sentence}`, 700));
  const rest = { type: 'text' as const, text: lines.map((line) => `\n${line}`).join('') };
  return richText([{ type: 'rich_text_section', elements: lines.length === 0 ? [head] : [head, rest] }]);
}

/** `Trend: 5, 4, 3 problems at the last 3 runs.` */
function trendWords(trend: readonly TrendPoint[]): string {
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

function chartOf(trend: readonly TrendPoint[], { timeZone }: DigestMeta): ChartBlock {
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

function footOf({ schedule, owner }: DigestMeta): AnyBlock {
  const by = owner === undefined ? 'from the configuration' : `set up by <@${literal(owner)}>`;
  return { type: 'context', elements: [{ type: 'mrkdwn', text: `${literal(schedule)} · ${by}` }] };
}

function contextOf(text: string): AnyBlock {
  return { type: 'context', elements: [{ type: 'plain_text', text, emoji: false }] };
}

function bold(text: string) {
  return { type: 'text' as const, text, style: { bold: true } };
}

function richText(elements: RichTextBlock['elements']): RichTextBlock {
  return { type: 'rich_text', elements };
}
