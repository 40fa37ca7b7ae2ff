const most = 20_000;

/** Everything a message says: its text, blocks and attachments, one line for each part. Fields become `name: value`. */
export function messageText({ text, blocks, attachments }: Readonly<Record<string, unknown>>): string {
  return [said(text), said(blocks), said(attachments)]
    .filter((part) => part !== '')
    .join('\n')
    .slice(0, most);
}

function said(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.every(isInline) ? value.map(said).join('') : lines(value.map(said));
  if (typeof value !== 'object' || value === null) return '';
  const part = value as Readonly<Record<string, unknown>>;
  if (typeof part.title === 'string' && typeof part.value === 'string') return `${part.title}: ${part.value}`;
  const shown = ['pretext', 'title', 'text', 'fields', 'blocks', 'elements', 'rows'];
  return lines(shown.map((name) => said(part[name])));
}

function lines(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** A piece of a line, as rich text has them. */
function isInline(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('type' in value)) return false;
  return ['text', 'link', 'emoji', 'user', 'channel', 'date'].includes(String(value.type));
}
