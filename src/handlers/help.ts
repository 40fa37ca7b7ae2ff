import { literal } from '../report/slack-message.ts';
import { digestExample } from './commands/digest-grammar.ts';
import { muteExample } from './commands/mute-grammar.ts';
import type { TopicHelp, Vocabulary } from './commands/vocabulary.ts';
import type { Asking, HandlerDeps } from './deps.ts';
import { firstHelp } from './first-help.ts';
import { areOn } from './fixes/are-on.ts';
import { commandLine, markup, type Reply, sentence } from './replies.ts';

const fixesAreOff = 'Fixes are off here: docs/policy.md says how an admin turns them on.';

/** What `help` says, of everything or of one thing. */
export async function helpFor(topic: string | undefined, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  const { vocabulary } = deps;
  if (topic === 'fix') return areOn(deps) ? fixHelpReply(vocabulary) : sentence(fixesAreOff);
  if (topic === 'digest') return digestHelpReply();
  if (topic === 'mute') return muteHelpReply(vocabulary);
  const known = vocabulary.topics.find(({ id }) => id === topic);
  return known === undefined ? firstHelp(asking, deps) : topicReply(known);
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
