import { type AnyBlock, shorten } from './slack-message.ts';

/** What is offered in the form that builds a question. */
export interface BuilderOffer {
  readonly topics: readonly {
    readonly id: string;
    readonly title: string;
    readonly scope: 'namespace' | 'cluster';
    readonly strictReady?: true;
  }[];
  readonly clusters: readonly string[];
  readonly defaultCluster?: string;
}

/** What was chosen so far. */
export interface BuilderChoice {
  readonly topic: string;
  readonly cluster: string;
  readonly namespace?: string;
  readonly workload?: string;
  readonly strictReady?: true;
  /** Where the answer is to appear. */
  readonly channel?: string;
  /** Where the form was opened from. */
  readonly openedIn?: string;
}

export const builderIds = { view: 'build-question', prefix: 'build-' } as const;

const mostOptions = 100;

/**
 * The form, as it is for what was chosen so far, with the command that it makes. What was entered stays where the field
 * is the same: so fields begin with the same value each time.
 */
export function builderView(offer: BuilderOffer, choice: BuilderChoice, command: string | undefined) {
  const topic = offer.topics.find(({ id }) => id === choice.topic);
  const blocks = [
    topicInput(offer),
    ...(offer.clusters.length > 1 ? [clusterInput(offer)] : []),
    ...(topic?.scope === 'cluster' ? [] : [namespaceInput(choice), workloadInput(choice)]),
    ...(topic?.strictReady ? [strictInput()] : []),
    channelInput(choice),
    preview(command),
  ];
  return {
    type: 'modal' as const,
    callback_id: builderIds.view,
    private_metadata: JSON.stringify(choice),
    title: plain('Build a question'),
    submit: plain('Ask'),
    close: plain('Cancel'),
    blocks: blocks as [],
  };
}

/** In place of the form: what the person is told. */
export function builderSaid(blocks: readonly AnyBlock[]) {
  return {
    type: 'modal' as const,
    title: plain('Build a question'),
    close: plain('Close'),
    blocks: [...blocks] as [],
  };
}

/** At most as many as Slack shows. A name that is too long for an option is left out: it can be typed. */
export function nameOptions(names: readonly string[]) {
  return names
    .filter((name) => name.length <= 75)
    .slice(0, mostOptions)
    .map(optionOf);
}

function topicInput({ topics }: BuilderOffer) {
  const options = topics.slice(0, mostOptions).map(({ id, title }) => option(`${id}: ${title}`, id));
  const [first] = options;
  const element = { type: 'static_select', options, ...(first !== undefined && { initial_option: first }) };
  return input('topic', 'What do you want to know?', element);
}

function clusterInput({ clusters, defaultCluster }: BuilderOffer) {
  const options = clusters.slice(0, mostOptions).map(optionOf);
  const first = options.find(({ value }) => value === defaultCluster) ?? options[0];
  return input('cluster', 'Cluster', { type: 'static_select', options, initial_option: first });
}

/** Another cluster has other namespaces: then it is another field, and empty. */
function namespaceInput({ cluster }: BuilderChoice) {
  return input('namespace', 'Namespace', external('A name, or how it begins'), { part: cluster });
}

function workloadInput({ cluster, namespace = '' }: BuilderChoice) {
  return input('workload', 'Only one workload', external('All of the namespace'), {
    part: `${cluster}-${namespace}`,
    optional: true,
  });
}

function external(placeholder: string) {
  return { type: 'external_select', min_query_length: 0, placeholder: plain(placeholder) };
}

function strictInput() {
  const options = [option('Ask whether it is safe to demand mTLS there', 'strict-ready')];
  return input('strict', 'Before a change', { type: 'checkboxes', options }, { optional: true });
}

function channelInput({ openedIn }: BuilderChoice) {
  return input('channel', 'Where the answer is to appear', {
    type: 'conversations_select',
    ...(openedIn === undefined ? { default_to_current_conversation: true } : { initial_conversation: openedIn }),
    filter: { include: ['public', 'private', 'im'], exclude_bot_users: false },
  });
}

function preview(command: string | undefined) {
  const section = (elements: readonly object[]) => ({
    type: 'rich_text',
    block_id: 'preview',
    elements: [{ type: 'rich_text_section', elements }],
  });
  if (command === undefined) return section([{ type: 'text', text: 'Choose a namespace to see the command.' }]);
  return section([
    { type: 'text', text: 'The same, typed: ' },
    { type: 'text', text: `/mesh ${command}`, style: { code: true } },
  ]);
}

interface InputOptions {
  /** What has to be the same for what was entered to stay. */
  readonly part?: string;
  readonly optional?: true;
}

function input(name: string, label: string, element: object, { part, optional }: InputOptions = {}) {
  return {
    type: 'input',
    block_id: part === undefined ? name : `${name}-${part}`,
    label: plain(label),
    dispatch_action: true,
    ...(optional && { optional }),
    element: { ...element, action_id: `${builderIds.prefix}${name}` },
  };
}

function option(label: string, value: string) {
  return { text: plain(shorten(label, 75)), value };
}

function optionOf(name: string) {
  return option(name, name);
}

function plain(text: string) {
  return { type: 'plain_text' as const, text };
}
