import { literal } from '../report/slack-message.ts';
import { builderButton } from './builder/button.ts';
import { digestExample } from './commands/digest-grammar.ts';
import { muteExample } from './commands/mute-grammar.ts';
import type { TopicHelp, Vocabulary } from './commands/vocabulary.ts';
import { commandLine, markup, type Reply, sentence, withButton } from './replies.ts';

/** What `help` says, of everything or of one thing. */
export function helpFor(topic: string | undefined, vocabulary: Vocabulary): Reply {
  if (topic === 'fix') return fixHelpReply(vocabulary);
  if (topic === 'digest') return digestHelpReply();
  if (topic === 'mute') return muteHelpReply(vocabulary);
  const known = vocabulary.topics.find(({ id }) => id === topic);
  return known === undefined ? withButton(helpReply(vocabulary), builderButton) : topicReply(known);
}

/** A few lines, each a command to copy. */
export function helpReply({ topics, fixes, clusters }: Vocabulary): Reply {
  const [first] = topics;
  if (first === undefined) return sentence('Nothing can be asked here yet.');
  const workload = `${first.example}/reviews-v1`;
  const [, other] = clusters;
  const lines = [
    ...topics.map(({ example, title }) => [example, title]),
    [workload, 'the same for one workload'],
    ...(other === undefined ? [] : [[`${first.example} --cluster ${other}`, 'the same in another cluster']]),
    [`help ${first.id}`, 'more about one of these; also: help digest, help mute'],
    ['status', 'whether I am well myself'],
    [digestExample, 'what changed, every morning in this channel'],
    ...(fixes.length === 0 ? [] : [['fix', 'what I can fix, with approval']]),
  ];
  return markup(
    ['*Ask me about the mesh*', ...lines.map(([command, what]) => commandLine(command ?? '', what ?? ''))].join('\n'),
  );
}

function topicReply({ id, title, example, scope, strictReady }: TopicHelp): Reply {
  const ofNamespace = [
    commandLine(example, 'a namespace'),
    commandLine(`${example}/reviews-v1`, 'one workload'),
    commandLine(`${example} --from web,jobs`, 'with callers from other namespaces'),
    ...(strictReady ? [commandLine(`${example} --strict-ready`, 'whether it is safe to demand mTLS there')] : []),
  ];
  return markup(
    [
      `*${literal(id)}*: ${literal(title)}`,
      ...(scope === 'cluster' ? [commandLine(example, 'the whole cluster')] : ofNamespace),
      'The answer comes into this channel, its evidence into a thread.',
    ].join('\n'),
  );
}

/** How a fix goes, and the commands around it. */
function fixHelpReply({ fixes }: Vocabulary): Reply {
  return markup(
    [
      '*Fixes*: I show the exact change, people approve it, I apply it, look whether it helped, and can take it back.',
      ...fixes.map(({ example, does }) => commandLine(example, does)),
      commandLine('fix', 'what you may ask for here'),
      commandLine('freeze because …', 'stops all changes at once'),
      commandLine('unfreeze', 'lets them go on'),
      commandLine('audit', 'the last records: who did what'),
    ].join('\n'),
  );
}

function digestHelpReply(): Reply {
  return markup(
    [
      '*Digests*: at set times I post into this channel what changed since the last time: new, worse, better, fixed.',
      commandLine(digestExample, 'sets one up here: when, and which namespaces'),
      commandLine('digest add "every 6h" bookinfo mtls', 'about some topics only'),
      commandLine('digest list', 'those of this channel, and yours elsewhere, with their ids'),
      commandLine('digest run ID', 'makes one now'),
      commandLine('digest pause ID', 'and `resume ID`, `remove ID`'),
      commandLine('help mute', 'how to hide what is known, for a while'),
      'One digest is about one cluster: for two clusters set up two, with `--cluster NAME`.',
    ].join('\n'),
  );
}

function muteHelpReply({ topics }: Vocabulary): Reply {
  const codes = [...new Set(topics.flatMap((topic) => topic.codes ?? []))].toSorted();
  return markup(
    [
      '*Mutes*: hide a finding that is known from the digests, for a while. It is still counted, and said to be muted.',
      commandLine(muteExample, 'in a whole namespace'),
      commandLine('mute permissive bookinfo/legacy-v1 until 2026-12-01 because …', 'of one workload, until a day'),
      commandLine('mutes', 'what is muted, until when, and the ids'),
      commandLine('unmute ID', 'takes one back'),
      ...(codes.length === 0 ? [] : [`Codes: ${codes.map((code) => `\`${literal(code)}\``).join(' ')}`]),
    ].join('\n'),
  );
}
