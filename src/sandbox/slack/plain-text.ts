import { isJson, type Json, list, record, records, text } from './json.ts';

/** Everything a message shows, as a person would read it out: one line per block, table rows as `a | b`. */
export function plainText({
  text: words,
  blocks,
}: {
  readonly text: string;
  readonly blocks: readonly Json[];
}): string {
  return blocks.length === 0 ? words : blocks.map(blockText).filter(isSomething).join('\n');
}

export function blockText(block: Json): string {
  switch (block.type) {
    case 'table':
    case 'data_table':
      return [text(block.caption), ...list(block.rows).map(rowText)].filter(isSomething).join('\n');
    case 'data_visualization':
      return `${text(block.title)}\n${chartText(record(block.chart))}`;
    case 'container':
      return lines([block.title ?? block.rich_text_title, block.subtitle, ...records(block.child_blocks)]);
    case 'plan':
      return lines([block.title, ...records(block.tasks)]);
    case 'task_card':
      return lines([`[${text(block.status)}] ${text(block.title)}`, block.details, block.output]);
    case 'divider':
      return '---';
    case 'section':
      return lines([block.text, ...list(block.fields), block.accessory]);
    case 'actions':
    case 'context_actions':
      return records(block.elements)
        .map((element) => `[${said(element)}]`)
        .join(' ');
    case 'rich_text':
      return records(block.elements).map(richText).join('\n');
    case 'context':
      return records(block.elements).map(said).join(' ');
    default:
      return lines([
        block.title,
        block.subtitle,
        block.body,
        block.label,
        block.text,
        block.element,
        block.alt_text,
        ...list(block.actions),
        ...list(block.elements),
      ]);
  }
}

function lines(parts: readonly unknown[]): string {
  return parts.map(said).filter(isSomething).join('\n');
}

/** What a text object, an element or a block says. */
function said(value: unknown): string {
  if (!isJson(value)) return text(value);
  if (['plain_text', 'mrkdwn', 'raw_text'].includes(text(value.type))) return text(value.text);
  if (value.type === 'image') return text(value.alt_text);
  if (isJson(value.text)) return said(value.text);
  if (isJson(value.placeholder)) return said(value.placeholder);
  if (value.type === 'rich_text' || 'block_id' in value || 'task_id' in value || value.type === 'card')
    return blockText(value);
  return text(value.text);
}

function rowText(row: unknown): string {
  return list(row).map(cellText).join(' | ');
}

function cellText(cell: unknown): string {
  if (!isJson(cell)) return '';
  if (cell.type === 'rich_text') return blockText(cell).replaceAll('\n', ' ');
  return text(cell.text) || text(cell.value);
}

function chartText(chart: Json): string {
  const points = (all: unknown): string =>
    records(all)
      .map(({ label, value }) => `${text(label)}: ${text(value)}`)
      .join(', ');
  return [points(chart.segments), ...records(chart.series).map(({ name, data }) => `${text(name)} ${points(data)}`)]
    .filter(isSomething)
    .join('\n');
}

function richText(part: Json): string {
  const bullet = part.style === 'ordered' ? (index: number) => `${index + 1}. ` : () => '• ';
  if (part.type === 'rich_text_list') {
    return records(part.elements)
      .map((item, index) => `${bullet(index)}${richText(item)}`)
      .join('\n');
  }
  return records(part.elements).map(leafText).join('');
}

function leafText(leaf: Json): string {
  switch (leaf.type) {
    case 'user':
      return `<@${text(leaf.user_id)}>`;
    case 'usergroup':
      return `<!subteam^${text(leaf.usergroup_id)}>`;
    case 'channel':
      return `<#${text(leaf.channel_id)}>`;
    case 'emoji':
      return `:${text(leaf.name)}:`;
    case 'broadcast':
      return `<!${text(leaf.range)}>`;
    case 'date':
      return text(leaf.fallback) || text(leaf.timestamp);
    case 'link':
      return text(leaf.text) || text(leaf.url);
    default:
      return text(leaf.text) || text(leaf.value);
  }
}

function isSomething(line: string): boolean {
  return line !== '';
}
