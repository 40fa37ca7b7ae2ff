import type { App, MessageShortcut } from '@slack/bolt';
import { type AlertPlace, placeOfAlert } from '../../model/alert.ts';
import type { Target } from '../../model/target.ts';
import { actorOfSent, isAtHome, stranger } from '../actor.ts';
import { ask } from '../ask.ts';
import { commandText } from '../commands/parse.ts';
import type { HandlerDeps } from '../deps.ts';
import { type Reply, sentence } from '../replies.ts';
import { messageText } from './message-text.ts';

export const diagnoseAlert = 'diagnose-alert';

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
  const actor = actorOfSent(shortcut);
  if (!isAtHome(actor, deps)) return sentence(stranger);
  const target = await targetOf(messageText(shortcut.message), deps);
  const topics = deps.vocabulary.topics.filter(({ scope }) => scope === 'namespace');
  const topic = topics.find(({ id }) => id === 'doctor') ?? topics[0];
  if (target === undefined || topic === undefined) {
    return sentence(
      `I find no one namespace in this message: I look for labels such as \`namespace: bookinfo\`. Type \`/mesh ${topic?.example ?? 'help'}\` with the namespace you mean.`,
    );
  }
  const command = commandText({ kind: 'check', topic: topic.id, target }, deps.vocabulary);
  return ask(command, { actor, channel: shortcut.channel.id }, deps);
}

async function targetOf(text: string, deps: HandlerDeps): Promise<Target | undefined> {
  const cluster = clusterOf(text, deps);
  if (cluster === undefined) return undefined;
  const place = placeOfAlert(text, await known(() => deps.names.namespaces(cluster), deps));
  return place && { cluster, ...(await withKnownWorkload(cluster, place, deps)) };
}

/** The one that is named, or the one that is meant where none is. */
function clusterOf(text: string, { vocabulary: { clusters, defaultCluster } }: HandlerDeps): string | undefined {
  const words = new Set(text.split(/[^-.a-z0-9]+/i));
  const [named, ...more] = clusters.filter((cluster) => words.has(cluster));
  if (named !== undefined && more.length === 0) return named;
  return clusters.length === 1 ? clusters[0] : defaultCluster;
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
