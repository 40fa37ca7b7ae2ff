import type { AnyBlock } from '../report/slack-message.ts';
import type { TopicHelp, Vocabulary } from './commands/parse.ts';

/** What one person alone is told. Both are Slack's markup, already escaped. */
export interface Reply {
  readonly text: string;
  readonly blocks: AnyBlock[];
}

/** A sentence in which only backticks are markup. */
export function sentence(text: string): Reply {
  return markup(escaped(text));
}

export function sentenceWithButton(
  text: string,
  { label, action, id }: { readonly label: string; readonly action: string; readonly id: string },
): Reply {
  const button = { type: 'button', action_id: action, value: id, text: { type: 'plain_text', text: label } };
  const { text: shown, blocks } = sentence(text);
  return { text: shown, blocks: [...blocks, { type: 'actions', elements: [button] } as AnyBlock] };
}

/** A few lines, each a command to copy. */
export function helpReply({ topics, clusters }: Vocabulary): Reply {
  const [first] = topics;
  if (first === undefined) return sentence('Nothing can be asked here yet.');
  const workload = `${first.example}/reviews-v1`;
  const [, other] = clusters;
  const lines = [
    ...topics.map(({ example, title }) => [example, title]),
    [workload, 'the same for one workload'],
    [`${first.example} --from web,jobs`, 'the same, with callers from other namespaces'],
    [`${first.example} --strict-ready`, 'whether it is safe to demand mTLS there'],
    ...(other === undefined ? [] : [[`${first.example} --cluster ${other}`, 'the same in another cluster']]),
    [`help ${first.id}`, 'what a topic looks at'],
  ];
  return markup(
    ['*Ask me about the mesh*', ...lines.map(([command, what]) => commandLine(command ?? '', what ?? ''))].join('\n'),
  );
}

export function topicReply({ id, title, example }: TopicHelp): Reply {
  return markup(
    [
      `*${escaped(id)}*: ${escaped(title)}`,
      commandLine(example, 'a namespace'),
      commandLine(`${example}/reviews-v1`, 'one workload'),
      commandLine(`${example} --from web,jobs`, 'with callers from other namespaces'),
      commandLine(`${example} --strict-ready`, 'whether it is safe to demand mTLS there'),
      'The answer comes into this channel, its evidence into a thread.',
    ].join('\n'),
  );
}

/** Queued, but nobody is there to answer. */
export function noWorkerReply(cluster: string, seenAt: string | undefined): Reply {
  const since = seenAt === undefined ? 'has ever been seen' : `has been seen since ${dateToken(seenAt)}`;
  return markup(
    `Your question is queued. No worker for ${escaped(cluster)} ${since}; the answer comes here when one is back.`,
  );
}

/** A time in the reader's own zone. */
function dateToken(at: string): string {
  return `<!date^${Math.floor(Date.parse(at) / 1000)}^{date_short_pretty} {time}|${escaped(at)}>`;
}

function commandLine(command: string, what: string): string {
  return `\`/mesh ${escaped(command)}\`  ${escaped(what)}`;
}

function markup(text: string): Reply {
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: text.slice(0, 3_000) } } as AnyBlock] };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
