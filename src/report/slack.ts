import type { RichTextBlock, RichTextBlockElement, TableBlock } from '@slack/types';
import type { Progress, Question } from '../model/question.ts';
import type { Report } from '../model/report.ts';
import type { Statement } from '../model/statement.ts';
import { placeOf } from '../model/target.ts';
import { button } from './fix-parts.ts';
import { lookedAt, notSeen, sourcesOf } from './looked.ts';
import { toMarkdown } from './markdown.ts';
import { type AnyBlock, literal, type SlackMessage, shorten, splitMessages } from './slack-message.ts';
import { type Table, tablesOf, withoutWhy } from './tables.ts';
import { tellingOf } from './telling.ts';
import { countsOf, seconds, signs } from './words.ts';

/** What a message says about the asking itself. */
export interface Meta {
  readonly cluster: string;
  /** A Slack user id. */
  readonly askedBy: string;
  readonly tookMs: number;
  readonly requestId: string;
  /** To ask the same again: `mtls bookinfo`. */
  readonly command: string;
  /** Fixes to propose, each a stored command behind an id. */
  readonly offers?: readonly { readonly id: string; readonly label: string }[];
}

export interface Attachment {
  readonly name: string;
  readonly title: string;
  readonly content: string;
}

/** Rows of one table in Slack; the rest is in the file. */
const mostRows = 25;
const mostStatements = 12;
const mostOffers = 2;
/** Characters: columns of shorter cells stay on one line. */
const wideCell = 24;

/** The first word: it is replaced by the verdict. */
export function anchorMessage({ topic, target }: Question, progress?: Progress): SlackMessage {
  const doing = progress === undefined ? '' : ` ${progress.done} of ${progress.of} kinds of evidence are in.`;
  const text = `Looking at ${topic} in ${placeOf(target)}…${doing}`;
  return { text, blocks: [paragraph([{ type: 'text', text }])] };
}

/** The verdict: a sentence, the counts behind it, and who asked. A notification shows no more than its first line. */
export function verdictMessage(report: Report, meta: Meta): SlackMessage {
  const { verdict } = report;
  const headline = shorten(report.headline, 600);
  const counts = countsOf(report);
  const [worst] = tellingOf(report);
  const next = verdict === 'unknown' ? worst?.next : undefined;
  return {
    text: `${signs[verdict]} ${headline}`,
    blocks: [
      paragraph([
        { type: 'text', text: `${signs[verdict]} ` },
        { type: 'text', text: headline, style: { bold: true } },
        ...(next === undefined ? [] : [{ type: 'text' as const, text: `\n${shorten(next, 600)}` }]),
      ]),
      ...(counts === '' ? [] : [contextOf(counts)]),
      askedLine(report, meta),
      buttons(meta),
    ],
  };
}

/** The thread: why and what next, the table worst first, what was looked at; a file where it does not all fit. */
export function evidenceMessages(
  report: Report,
  { requestId }: Meta,
): { readonly messages: readonly SlackMessage[]; readonly file?: Attachment } {
  const statements = tellingOf(report);
  const tables = tablesOf(report).map(withoutWhy);
  const cut = statements.length > mostStatements || tables.some(({ rows }) => rows.length > mostRows);
  const blocks = [
    ...statements.slice(0, mostStatements).map(statementBlock),
    ...tables.flatMap(tableBlocks),
    ...lookedBlocks(report),
  ];
  const file = {
    name: `meshbot-${report.topic}-${requestId}.md`,
    title: shorten(report.headline, 200),
    content: toMarkdown(report),
  };
  return { messages: splitMessages(`Evidence: ${report.headline}`, blocks), ...(cut && { file }) };
}

/** The last word where there is no report: a sentence with a next step. */
export function failureMessage(text: string, meta: Meta): SlackMessage {
  const shown = shorten(text, 2_000);
  return { text: shown, blocks: [paragraph([{ type: 'text', text: shown }]), buttons(meta)] };
}

function buttons({ requestId, offers = [] }: Meta): AnyBlock {
  const proposals = offers.slice(0, mostOffers).map(({ id, label }) => button(shorten(label, 75), 'run-it', id));
  return { type: 'actions', elements: [...proposals, button('Ask again', 'ask-again', requestId)] };
}

function statementBlock({ severity, sentence, why, next, explainedBy }: Statement): AnyBlock {
  const lines = [
    ...why.map((line) => `why: ${shorten(line, 500)}`),
    ...(explainedBy === undefined ? [] : [`explained by: ${shorten(explainedBy, 500)}`]),
    ...(next === undefined ? [] : [`next: ${shorten(next, 600)}`]),
  ];
  const list: RichTextBlockElement[] =
    lines.length === 0
      ? []
      : [
          {
            type: 'rich_text_list',
            style: 'bullet',
            elements: lines.map((text) => ({ type: 'rich_text_section', elements: [{ type: 'text', text }] })),
          },
        ];
  const head = { type: 'text' as const, text: `${signs[severity]} ${shorten(sentence, 700)}`, style: { bold: true } };
  return richText([{ type: 'rich_text_section', elements: [head] }, ...list]);
}

function tableBlocks({ columns, rows }: Table): readonly AnyBlock[] {
  const shown = rows.slice(0, mostRows);
  const cells = (row: readonly string[]) =>
    row.map((text) => ({ type: 'raw_text' as const, text: shorten(text, 300) || '-' }));
  const block: TableBlock = {
    type: 'table',
    rows: [cells(columns), ...shown.map(cells)],
    column_settings: columns.map((column, index) => ({
      is_wrapped: [column, ...shown.map((row) => row[index] ?? '')].some((cell) => cell.length > wideCell),
    })),
  };
  const rest = rows.length - shown.length;
  return [block, ...(rest > 0 ? [contextOf(`${rest} more rows, none worse than these, are in the file below.`)] : [])];
}

function lookedBlocks(report: Report): readonly AnyBlock[] {
  const { seen, notes } = lookedAt(report);
  const lines = [`Looked at ${seen || 'nothing'} · ${sourcesOf(report)}`, ...notes];
  return [
    contextOf(shorten(lines.join('\n'), 2_000)),
    ...notSeen(report).map((line) => contextOf(shorten(`Not seen: ${line}`, 1_000))),
  ];
}

/** Topic, cluster, who asked, how long it took and when: the time is shown in the reader's zone. */
function askedLine({ topic, takenAt, target }: Report, { cluster, askedBy, tookMs }: Meta): AnyBlock {
  const unix = Math.floor(Date.parse(takenAt) / 1000);
  const when = `<!date^${unix}^{date_short_pretty} {time_secs}|${takenAt}>`;
  const parts = [topic, placeOf(target), cluster].map(literal);
  const text = [...parts, `asked by <@${literal(askedBy)}>`, seconds(tookMs), when].join(' · ');
  return { type: 'context', elements: [{ type: 'mrkdwn', text }] };
}

function contextOf(text: string): AnyBlock {
  return { type: 'context', elements: [{ type: 'plain_text', text, emoji: false }] };
}

function paragraph(
  elements: { readonly type: 'text'; readonly text: string; readonly style?: { bold: boolean } }[],
): AnyBlock {
  return richText([{ type: 'rich_text_section', elements }]);
}

function richText(elements: RichTextBlockElement[]): RichTextBlock {
  return { type: 'rich_text', elements };
}
