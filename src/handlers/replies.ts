import { type AnyBlock, literal } from '../report/slack-message.ts';

/** What one person alone is told. Both are Slack's markup, already escaped. */
export interface Reply {
  readonly text: string;
  readonly blocks: AnyBlock[];
}

/** A sentence in which only backticks are markup. */
export function sentence(text: string): Reply {
  return markup(literal(text));
}

export interface Button {
  readonly label: string;
  readonly action: string;
  readonly id: string;
}

export function sentenceWithButton(text: string, button: Button): Reply {
  return withButton(sentence(text), button);
}

export function withButton({ text, blocks }: Reply, { label, action, id }: Button): Reply {
  const button = { type: 'button', action_id: action, value: id, text: { type: 'plain_text', text: label } };
  return { text, blocks: [...blocks, { type: 'actions', elements: [button] } as AnyBlock] };
}

/** Queued, but nobody is there to answer. */
export function noWorkerReply(cluster: string, seenAt: string | undefined): Reply {
  const since = seenAt === undefined ? 'has ever been seen' : `has been seen since ${dateToken(seenAt)}`;
  return markup(
    `Your question is queued. No worker for ${literal(cluster)} ${since}; the answer comes here when one is back.`,
  );
}

/** A time in the reader's own zone. */
function dateToken(at: string): string {
  return `<!date^${Math.floor(Date.parse(at) / 1000)}^{date_short_pretty} {time}|${literal(at)}>`;
}

/** A command to copy, and what it does. */
export function commandLine(command: string, what: string): string {
  return `\`/mesh ${literal(command)}\`  ${literal(what)}`;
}

/** Slack's markup, already escaped. */
export function markup(text: string): Reply {
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3_000) } } as AnyBlock] };
}
