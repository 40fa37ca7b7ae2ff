import type { RichTextSection } from '@slack/types';
import type { Bucket, Digest } from '../model/digest.ts';
import { placeOf } from '../model/target.ts';
import { chartOf, trendWords } from './digest-chart.ts';
import { bold, contextOf, richText } from './digest-parts.ts';
import { unseenLines } from './digest-unseen.ts';
import { headings, lineIn, sameOf, sentenceOf, timeOf, toldIn, weekdayTime } from './digest-words.ts';
import { type AnyBlock, literal, type SlackMessage, shorten } from './slack-message.ts';

export interface DigestMeta {
  /** The schedule's zone: times that say when it was due are by its clock. */
  readonly timeZone: string;
  /** When it is due, in words. */
  readonly schedule: string;
  /** Whose schedule it is: a Slack user id; absent where it comes from the configuration. */
  readonly owner?: string;
  /** What the message told as news before it was edited. */
  readonly earlier?: readonly string[];
}

const news: readonly Bucket[] = ['new', 'worse', 'muteEnded'];
const told: readonly Bucket[] = [...news, 'better', 'fixed', 'flapping'];
const mostLines = 4;
const longestLine = 300;
const shortLine = 150;
const mostInAll = 8_000;

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
  const chart = digest.trend.length < 2 ? line : [chartOf(digest.trend, meta.timeZone)];
  const text = trend === '' ? sentence : `${sentence}. ${trend}`;
  return {
    withChart: { text, blocks: [head, body, ...chart, foot] },
    withoutChart: { text, blocks: [head, body, ...line, foot] },
  };
}

/** What a message tells as news, for the edits of it. */
export function newsIn(digest: Digest, timeZone: string): readonly string[] {
  const time = timeOf(digest.at, timeZone);
  const lines = news.flatMap((bucket) =>
    toldIn(bucket, digest, timeZone).map((one) => `${time} ${headings[bucket]}: ${lineIn(bucket)(one)}`),
  );
  return cut(lines);
}

interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

function sectionsOf(digest: Digest, { timeZone, earlier = [] }: DigestMeta): readonly Section[] {
  const missed = digest.missed.map(
    ({ due, why }) => `The digest of ${weekdayTime(due, timeZone)} was not made: ${why}`,
  );
  const ended = digest.endedMutes.map(
    ({ code, namespace, workload, because }) =>
      `The mute of ${code} in ${placeOf({ cluster: '', namespace, ...(workload !== undefined && { workload }) })} has ended (${because}).`,
  );
  const worse = { ...digest, muted: digest.muted.filter(({ was }) => was !== undefined) };
  const sections = [
    { heading: 'Missed', lines: missed },
    ...told.map((bucket) => ({
      heading: headings[bucket],
      lines: toldIn(bucket, digest, timeZone).map(lineIn(bucket)),
    })),
    { heading: headings.muted, lines: toldIn('muted', worse, timeZone).map(lineIn('muted')) },
    { heading: 'Mutes', lines: ended },
    { heading: 'Same', lines: [sameOf(digest, timeZone)] },
    { heading: 'Not seen', lines: unseenLines(digest, timeZone) },
  ];
  const shown = sections.map(({ heading, lines }) => ({ heading, lines: cut(lines) }));
  return fitting([...shown, { heading: 'Earlier today', lines: earlier }].filter(({ lines }) => lines.length > 0));
}

/** Where there is much of everything, each line is shorter: a message that Slack refuses would say nothing. */
function fitting(sections: readonly Section[]): readonly Section[] {
  const size = sections.flatMap(({ lines }) => lines).reduce((sum, line) => sum + line.length, 0);
  if (size <= mostInAll) return sections;
  return sections.map(({ heading, lines }) => ({ heading, lines: lines.map((one) => shorten(one, shortLine)) }));
}

function cut(lines: readonly string[]): readonly string[] {
  const rest = lines.length - mostLines;
  const shown = lines.slice(0, mostLines).map((line) => shorten(line, longestLine));
  return rest > 0 ? [...shown, `and ${rest} more, in the thread`] : shown;
}

function sectionBlock({ heading, lines }: Section, index: number): RichTextSection {
  const lead = index === 0 ? heading : `\n${heading}`;
  return {
    type: 'rich_text_section',
    elements: [bold(lead), { type: 'text', text: lines.map((one) => `\n${one}`).join('') }],
  };
}

function footOf({ schedule, owner }: DigestMeta): AnyBlock {
  const by = owner === undefined ? 'from the configuration' : `set up by <@${literal(owner)}>`;
  return { type: 'context', elements: [{ type: 'mrkdwn', text: `${literal(schedule)} · ${by}` }] };
}
