import type { App, BlockSuggestion } from '@slack/bolt';
import { builderIds, nameOptions } from '../../report/builder.ts';
import { admit, senderOf } from '../actor.ts';
import type { HandlerDeps } from '../deps.ts';
import { inTime } from '../in-time.ts';
import { visible } from '../look.ts';
import { shownChoice } from './choice.ts';

const name = /^[a-z0-9](?:[-.a-z0-9]*[a-z0-9])?$/;

/** The names of namespaces and workloads that the form offers: those that are known and that the person may see. */
export function registerNames(app: App, deps: HandlerDeps): void {
  app.options(/^build-(?:namespace|workload)$/, async ({ body, ack }) => {
    if (body.type !== 'block_suggestion') return ack({ options: [] });
    const early = await inTime(namesFor(body, deps));
    await ack({ options: nameOptions(early.done ? early.value : []) });
  });
}

async function namesFor(body: BlockSuggestion, deps: HandlerDeps): Promise<readonly string[]> {
  const typed = body.value.trim().toLowerCase();
  const { actor, refusal } = await admit(senderOf(body), deps);
  if (refusal !== undefined || body.view === undefined) return [];
  const { cluster, namespace, channel = '' } = shownChoice(body.view);
  const isWorkload = body.action_id === `${builderIds.prefix}workload`;
  try {
    const known = await knownNames(isWorkload ? { cluster, namespace } : { cluster }, deps);
    const found = known.filter((one) => one.includes(typed));
    // What is not known yet can be asked about all the same.
    const offered = typed !== '' && name.test(typed) && !found.includes(typed) ? [typed, ...found] : found;
    const targetOf = (one: string) => ({ cluster, namespace: isWorkload ? (namespace ?? one) : one });
    return await visible(offered, targetOf, { actor, channel }, deps);
  } catch (error) {
    deps.log.warn({ error }, 'Names could not be offered');
    return [];
  }
}

function knownNames(
  place: { readonly cluster: string; readonly namespace?: string | undefined },
  { names }: HandlerDeps,
): Promise<readonly string[]> {
  const { cluster, namespace } = place;
  if (!('namespace' in place)) return names.namespaces(cluster);
  return namespace === undefined ? Promise.resolve([]) : names.workloads(cluster, namespace);
}
