import type { App, MessageShortcut } from '@slack/bolt';
import { type AlertPlace, clustersOfAlert, placeOfAlert } from '../../model/alert.ts';
import type { Target } from '../../model/target.ts';
import { admitted, senderOf } from '../actor.ts';
import { ask, suggest } from '../ask.ts';
import { commandText } from '../commands/parse.ts';
import { Suggestion } from '../commands/suggestion.ts';
import type { Vocabulary } from '../commands/vocabulary.ts';
import { said } from '../commands/words.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { messageText } from './message-text.ts';

export const diagnoseAlert = 'diagnose-alert';
const mostOffered = 3;

/** "Diagnose this alert", from the menu of a message: asks about the place that the message names. */
export function registerDiagnose(app: App, deps: HandlerDeps): void {
  app.shortcut({ callback_id: diagnoseAlert, type: 'message_action' }, async ({ shortcut, ack, respond }) => {
    await ack();
    const reply = await diagnose(shortcut, deps);
    try {
      if (reply !== undefined) await respond({ response_type: 'ephemeral', replace_original: false, ...reply });
    } catch (error) {
      deps.log.warn({ error }, 'A shortcut could not be answered');
    }
  });
}

async function diagnose(shortcut: MessageShortcut, deps: HandlerDeps): Promise<Reply | undefined> {
  const { actor, refusal } = await admitted(senderOf(shortcut), 'A shortcut', deps);
  if (refusal !== undefined) return sentence(refusal);
  const topics = deps.vocabulary.topics.filter(({ scope }) => scope === 'namespace');
  const topic = topics.find(({ id }) => id === 'doctor') ?? topics[0];
  if (topic === undefined) return sentence('Nothing can be asked about a namespace here.');
  const text = messageText(shortcut.message);
  const asking = { actor, channel: shortcut.channel.id };
  const meant = clusterOf(text, deps.vocabulary);
  const clusters = 'cluster' in meant ? [meant.cluster] : deps.vocabulary.clusters.slice(0, mostOffered);
  const targets = (await Promise.all(clusters.map((cluster) => targetIn(cluster, text, deps)))).flat();
  const commands = targets.map((target) => commandText({ kind: 'check', topic: topic.id, target }, deps.vocabulary));
  const [first] = commands;
  if ('why' in meant && first !== undefined) return offer(meant.why, commands, asking, deps);
  if (first !== undefined) return ask(first, asking, deps);
  const type = `Type \`/mesh ${topic.example}\` with the namespace you mean`;
  if ('why' in meant) return sentence(`${meant.why} ${type}, and the cluster with \`--cluster\`.`);
  return sentence(
    `I find no one namespace of ${meant.cluster} in this message: I look for labels such as \`namespace: bookinfo\`. ${type}.`,
  );
}

/** Asks nothing by itself: what it would be asked about may be another cluster than the alert's. */
async function offer(why: string, commands: readonly string[], asking: Asking, deps: HandlerDeps): Promise<Reply> {
  const typed = commands.map((command) => `\`/mesh ${command}\``).join(' or ');
  const [only] = commands;
  const says = `${why} If that is what you mean, type ${typed}.`;
  if (only === undefined || commands.length > 1 || deps.vocabulary.clusters.length > 1) return sentence(says);
  return suggest(new Suggestion(says, only), deps.newId(), asking, deps);
}

/** The cluster that a label names; where none does, the one that is meant everywhere. Or why that is not clear. */
function clusterOf(
  text: string,
  { clusters, defaultCluster }: Vocabulary,
): { readonly cluster: string } | { readonly why: string } {
  const known = `I look at ${clusters.join(', ')}`;
  const { labelled, mentioned } = clustersOfAlert(text, clusters);
  const [named, ...more] = labelled;
  if (more.length > 0)
    return { why: `This alert names several clusters, so I cannot tell which one is meant. ${known}.` };
  if (named !== undefined) {
    const cluster = clusters.find((one) => one === named);
    return cluster === undefined
      ? { why: `This alert is about cluster ${said(named)}, which I do not know by that name. ${known}.` }
      : { cluster };
  }
  const cluster = clusters.length === 1 ? clusters[0] : defaultCluster;
  if (cluster !== undefined && mentioned.every((one) => one === cluster)) return { cluster };
  return { why: `This alert has no label that says which cluster it is about. ${known}.` };
}

/** At most one. */
async function targetIn(cluster: string, text: string, deps: HandlerDeps): Promise<readonly Target[]> {
  const place = placeOfAlert(text, await known(() => deps.names.namespaces(cluster), deps));
  return place === undefined ? [] : [{ cluster, ...(await withKnownWorkload(cluster, place, deps)) }];
}

/** What an alert calls a workload may be something else: then it is about the namespace. */
async function withKnownWorkload(cluster: string, place: AlertPlace, deps: HandlerDeps): Promise<AlertPlace> {
  const { namespace, workload } = place;
  if (workload === undefined) return { namespace };
  const workloads = await known(() => deps.names.workloads(cluster, namespace), deps);
  return workloads.includes(workload) ? place : { namespace };
}

async function known(look: () => Promise<readonly string[]>, { log }: HandlerDeps): Promise<readonly string[]> {
  try {
    return await look();
  } catch (error) {
    log.warn({ error }, 'Names could not be looked up');
    return [];
  }
}
