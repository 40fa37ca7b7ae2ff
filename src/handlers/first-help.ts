import type { Target } from '../model/target.ts';
import { type AnyBlock, shorten } from '../report/slack-message.ts';
import { builderButton } from './builder/button.ts';
import { digestFor } from './commands/digest-grammar.ts';
import { commandText } from './commands/parse.ts';
import type { TopicHelp } from './commands/vocabulary.ts';
import type { Asking, HandlerDeps } from './deps.ts';
import { areOn } from './fixes/are-on.ts';
import { visible } from './look.ts';
import { commandLine, markup, type Reply, sentence, withButton } from './replies.ts';

interface Line {
  /** Without `/mesh`. */
  readonly command: string;
  readonly what: string;
  /** It changes something: nobody does that by one click. */
  readonly typedOnly?: true;
}

type Place = Required<Pick<Target, 'cluster' | 'namespace'>>;

/** What the lines are made for. */
interface Scene {
  /** A namespace that the channel is about, and the person may look at. */
  readonly place?: Place;
  /** Whether the person may ask about the whole cluster. */
  readonly whole: boolean;
  readonly hasDigests: boolean;
}

const most = 5;
const mostTopics = 3;
const mostNames = 200;
/** Nobody's own. */
const ofTheSystem = /^(?:default|istio-system|kube-.*|openshift(?:-.*)?)$/;

/** `/mesh` alone: five lines, each a command to copy, of what this person can ask here. In App Home nothing can be run. */
export async function firstHelp(asking: Asking, deps: HandlerDeps): Promise<Reply> {
  const [first] = deps.vocabulary.topics;
  if (first === undefined) return sentence('Nothing can be asked here yet.');
  const lines = linesFor(await sceneOf(asking, deps), deps).slice(0, most);
  const ids = asking.channel === '' ? new Map<Line, string>() : await runnable(lines, asking, deps);
  const heading = '*Ask me about the mesh*';
  const more = [`help ${first.id}`, 'help digest', 'help mute', 'status'].map((one) => `\`${one}\``).join(', ');
  const blocks = [
    ...markup(heading).blocks,
    ...lines.map((line) => lineBlock(line, ids.get(line))),
    { type: 'context', elements: [{ type: 'mrkdwn', text: `More, after \`/mesh\`: ${more}` }] } as AnyBlock,
  ];
  const text = [heading, ...lines.map(({ command, what }) => commandLine(command, what))].join('\n');
  return withButton({ text, blocks }, builderButton);
}

function linesFor({ place, whole, hasDigests }: Scene, deps: HandlerDeps): readonly Line[] {
  const { topics, clusters, defaultCluster } = deps.vocabulary;
  const cluster = place?.cluster ?? defaultCluster ?? clusters[0] ?? '';
  const commandOf = ({ id, scope, example }: TopicHelp): string => {
    if (scope === 'namespace' && place === undefined) return example;
    const target = scope === 'cluster' ? { cluster } : { cluster, ...place };
    return commandText({ kind: 'check', topic: id, target }, deps.vocabulary);
  };
  const asked = topics.filter(({ scope }) => whole || scope === 'namespace').slice(0, mostTopics);
  const where = clusters.length > 1 ? ` --cluster ${cluster}` : '';
  const digest: Line = hasDigests
    ? { command: 'digest list', what: 'the digests of this channel' }
    : {
        command: `${digestFor(place?.namespace ?? 'bookinfo')}${where}`,
        what: 'what changed, every morning in this channel',
        typedOnly: true,
      };
  return [
    ...asked.map((topic) => ({ command: commandOf(topic), what: topic.title })),
    digest,
    ...(areOn(deps) ? [{ command: 'fix', what: 'what I can fix, with approval' }] : []),
    { command: 'status', what: 'whether I am well myself' },
    { command: 'mutes', what: 'what is hidden from digests, and until when' },
    { command: 'help digest', what: 'more about digests' },
  ];
}

/** What cannot be looked up is no reason to give no help. */
async function sceneOf(asking: Asking, deps: HandlerDeps): Promise<Scene> {
  const { clusters, defaultCluster } = deps.vocabulary;
  const cluster = defaultCluster ?? clusters[0] ?? '';
  try {
    const here = asking.channel === '' ? [] : await deps.digests.schedules.list({ channel: asking.channel });
    const told = here.flatMap((one) => one.namespaces.map((namespace) => ({ cluster: one.cluster, namespace })));
    const place = (await firstOf(told, asking, deps)) ?? (await firstOf(await known(cluster, deps), asking, deps));
    const target = { cluster: place?.cluster ?? cluster };
    const whole = (await visible([target], (one) => one, asking, deps)).length > 0;
    return { ...(place !== undefined && { place }), whole, hasDigests: here.length > 0 };
  } catch (error) {
    deps.log.warn({ error }, 'Help is not made for its channel');
    return { whole: false, hasDigests: false };
  }
}

async function known(cluster: string, { names }: HandlerDeps): Promise<readonly Place[]> {
  const found = (await names.namespaces(cluster)).filter((name) => !ofTheSystem.test(name));
  return found.slice(0, mostNames).map((namespace) => ({ cluster, namespace }));
}

async function firstOf(places: readonly Place[], asking: Asking, deps: HandlerDeps): Promise<Place | undefined> {
  return (await visible(places, (place) => place, asking, deps))[0];
}

/** The ids behind the buttons; none where they cannot be kept. */
async function runnable(
  lines: readonly Line[],
  { actor: { team }, channel }: Asking,
  { asks, newId, log }: HandlerDeps,
): Promise<ReadonlyMap<Line, string>> {
  const ids = new Map(lines.filter(({ typedOnly }) => typedOnly !== true).map((line) => [line, newId()] as const));
  try {
    await Promise.all(Array.from(ids, ([{ command }, id]) => asks.save(id, { command, team, channel })));
    return ids;
  } catch (error) {
    log.warn({ error }, 'No buttons for help');
    return new Map();
  }
}

function lineBlock({ command, what }: Line, id: string | undefined): AnyBlock {
  const button = {
    type: 'button',
    action_id: 'run-it',
    value: id,
    text: { type: 'plain_text', text: 'Run' },
    accessibility_label: shorten(`Run /mesh ${command}`, 75),
  };
  const text = { type: 'mrkdwn', text: commandLine(command, what) };
  return { type: 'section', text, ...(id !== undefined && { accessory: button }) } as AnyBlock;
}
