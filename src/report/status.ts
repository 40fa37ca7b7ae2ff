import type { RichTextElement } from '@slack/types';
import type { BotStatus, ClusterStatus, RedisStatus, SlackStatus, Waiting } from '../model/bot-status.ts';
import { bySeverity } from '../model/finding.ts';
import { listed } from '../model/statement.ts';
import { bold, line, list, note, richText, text, time } from './fix-parts.ts';
import { type AnyBlock, asManyAsFit, limits, type SlackMessage, shorten } from './slack-message.ts';
import { fixerFacts } from './status-fixer.ts';
import { type Problem, problemsIn } from './status-problems.ts';
import { unasked } from './status-unasked.ts';
import { counted, seconds, signs } from './words.ts';

const mostProblems = 10;
const mostClusters = 12;
const mostDetails = 6;
const longestItem = 300;

/** How the bot is, for whoever asked: what is wrong with a next step each, then what it stands on. */
export function statusMessage(status: BotStatus): SlackMessage {
  const problems = problemsIn(status).toSorted(bySeverity);
  return asManyAsFit(mostProblems, (shown) => messageOf(status, problems, shown));
}

function messageOf(status: BotStatus, problems: readonly Problem[], shown: number): SlackMessage {
  const [worst] = problems;
  const rest = problems.length - shown;
  return {
    text:
      worst === undefined ? `${signs.ok} ${allWell(status)}` : shorten(textOf(worst, problems.length - 1), limits.text),
    blocks: [
      ...(worst === undefined ? [richText(line(text(`${signs.ok} `), bold(allWell(status))))] : []),
      ...problems.slice(0, shown).map(problemBlock),
      ...(rest > 0 ? [note(`${counted(rest, 'more problem')}, none worse than these.`)] : []),
      factsBlock(status),
    ],
  };
}

const mostUnasked = 4;

/** Only what was asked is well: the rest is named. */
function allWell(status: BotStatus): string {
  const { clusters } = status;
  const names = listed(clusters.map(({ name }) => name));
  const answer = `Slack, Redis and the ${clusters.length === 1 ? 'worker' : 'workers'} of ${names} answer`;
  const open = unasked(status);
  if (open.length === 0) return `All is well: ${answer}`;
  const more = open.length > mostUnasked ? [`${open.length - mostUnasked} things more`] : [];
  return `All I asked is well: ${answer}; not asked: ${listed([...open.slice(0, mostUnasked), ...more])}`;
}

function textOf({ severity, says }: Problem, others: number): string {
  return `${signs[severity]} ${says.map(plain).join('')}${others > 0 ? ` And ${counted(others, 'more problem')}.` : ''}`;
}

function plain(element: RichTextElement): string {
  if (element.type === 'text') return element.text;
  if (element.type === 'date') return `${new Date(element.timestamp * 1_000).toISOString().slice(0, 16)}Z`;
  return element.type === 'user' ? 'somebody' : '';
}

function problemBlock({ severity, says, next, details = [] }: Problem): AnyBlock {
  const rest = details.length - mostDetails;
  const more = rest > 0 ? [`and ${rest} more`] : [];
  const items = [...details.slice(0, mostDetails), ...more, `next: ${next}`];
  const head = says.map((one) => (one.type === 'text' ? bold(one.text) : one));
  return richText(
    line(bold(`${signs[severity]} `), ...head),
    list(items.map((one) => [text(shorten(one, longestItem))])),
  );
}

/** One line for each thing the bot stands on. */
function factsBlock({ at, release, policy, slack, redis, clusters }: BotStatus): AnyBlock {
  const rest = clusters.length - mostClusters;
  return richText(
    fact('meshbot', [
      text(`${release}, fixes are ${policy === undefined ? 'off' : `on by policy ${policy.slice(0, 12)}`}, looked at `),
      time(at),
    ]),
    fact('Slack', [text(slackFacts(slack))]),
    fact('Redis', [text(redis.status === 'known' ? redisFacts(redis.value) : redis.why)]),
    ...clusters
      .slice(0, mostClusters)
      .map(({ name, found }) =>
        fact(name, found.status === 'known' ? clusterFacts(found.value, policy !== undefined) : [text(found.why)]),
      ),
    ...(rest > 0 ? [line(text(`and ${counted(rest, 'more cluster')}: what is wrong there is said above`))] : []),
  );
}

/** A rich text section that ends its line. */
function fact(name: string, says: readonly RichTextElement[]) {
  return line(bold(name), text('  '), ...says, text('\n'));
}

function slackFacts({ mode, sockets, granted, needed }: SlackStatus): string {
  const way = mode === 'http' ? 'requests over HTTP' : `${counted(sockets ?? 0, 'socket')} open`;
  if (granted.status === 'unknown') return `${way}, scopes are not known`;
  const held = needed.filter(({ scope }) => granted.value.includes(scope)).length;
  return `${way}, ${held} of ${counted(needed.length, 'scope')}`;
}

function redisFacts({ latencyMs, server }: RedisStatus): string {
  const answers = `answers in ${seconds(latencyMs)}`;
  if (server.status === 'unknown') return `${answers}. ${server.why}`;
  const { version, usedBytes, maxBytes } = server.value;
  return `${version}, ${answers}, ${megabytes(usedBytes)} used${maxBytes === 0 ? '' : ` of ${megabytes(maxBytes)}`}`;
}

function clusterFacts(found: ClusterStatus, canFix: boolean) {
  const { worker, questions, remedies, applies, digesting, state } = found;
  const waits =
    waiting(questions, 'question') +
    waiting(remedies, 'plan') +
    waiting(applies, 'change') +
    waiting(digesting, 'digest');
  const fixing = canFix ? fixerOf(found) : '';
  const rest = `${rightsFacts(state)}${fixing}${waits === '' ? ', nothing waits' : waits}`;
  if (state === undefined) return [text(`worker ${worker.alive ? 'is there' : 'is away'}${rest}`)];
  const head = `worker ${state.release} ${worker.alive ? 'since ' : 'is away, started '}`;
  return [text(head), time(state.startedAt), text(`, looks at ${shorten(state.source, 120)}${rest}`)];
}

function rightsFacts(state: ClusterStatus['state']): string {
  if (state?.rights?.status !== 'known') return '';
  const { held, lacks, forward } = state.rights;
  const all = `, ${held} of ${counted(held + lacks.length, 'right')}`;
  if (forward === undefined) return all;
  const rest = forward.held === forward.asked ? '' : ` (else ${forward.grant})`;
  return `${all}, may ask proxies themselves in ${forward.held} of ${counted(forward.asked, 'namespace')}${rest}`;
}

function fixerOf({ fixer, fixerState }: ClusterStatus): string {
  if (!fixer.alive) return ', fixer is away';
  const there = fixerState === undefined ? ', fixer is there' : `, fixer ${fixerState.release} is there`;
  return [there, ...fixerFacts(fixerState)].join(', ');
}

function waiting({ count, putOff = 0 }: Waiting, what: string): string {
  if (count === 0) return '';
  const later = putOff === 0 ? '' : ` (${putOff} put off)`;
  return `, ${counted(count, what)} ${count === 1 ? 'waits' : 'wait'}${later}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MiB`;
}
