import { QueueDown } from '../../jobs/queue.ts';
import type { AuditEntry } from '../../model/audit.ts';
import type { MuteCommand } from '../../model/command.ts';
import { isInForce, type Mute, parseEnd } from '../../model/mute.ts';
import { UsageError } from '../../model/sources.ts';
import { placeOf } from '../../model/target.ts';
import { bold, line, list, person, richText, text, time } from '../../report/fix-parts.ts';
import { asManyAsFit, shorten } from '../../report/slack-message.ts';
import { muteExample } from '../commands/mute-grammar.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { peopleReason } from '../fixes/decide.ts';
import { lookRefusal, visible } from '../look.ts';
import { type Reply, sentence } from '../replies.ts';

const most = 30;

/** Everything typed about mutes. Whoever may look at a namespace may mute there, and take back. */
export async function answerAboutMutes(command: MuteCommand, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  try {
    const reply = await answer(command, asking, deps);
    deps.watch.command('mute', 'answered');
    return reply;
  } catch (error) {
    if (error instanceof UsageError || error instanceof QueueDown) throw error;
    deps.log.warn({ error, command: command.kind }, 'A command about mutes failed');
    deps.watch.command('mute', 'failed');
    const store =
      'I could not do that now: my store (Redis) does not answer. Look at `/mesh mutes` in a minute, before you type it again.';
    return sentence(peopleReason(error) ?? store);
  }
}

function answer(command: MuteCommand, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  if (command.kind === 'mute') return mute(command, asking, deps);
  return command.kind === 'unmute' ? unmute(command.id, asking, deps) : mutesReply(asking, deps);
}

async function mute(
  { kind: _, end, ...what }: Extract<MuteCommand, { readonly kind: 'mute' }>,
  asking: Asking,
  deps: HandlerDeps,
): Promise<Reply> {
  const at = deps.now().toISOString();
  const until = parseEnd(end, at);
  const refusal = await lookRefusal([what], asking, deps);
  if (refusal !== undefined) return sentence(refusal);
  const made: Mute = { ...what, id: `m${deps.newId().slice(1, 9)}`, until, by: asking.actor, at };
  await deps.mutes.add(made);
  try {
    await record('muted', `Muted until ${until}: ${made.because}`, made, asking, deps);
  } catch (error) {
    await deps.mutes.remove(made.id);
    throw error;
  }
  return mutesMessage('Muted', [made], `/mesh unmute ${made.id} takes it back. Digests count it as muted until then.`);
}

async function unmute(id: string, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  const all = await deps.mutes.list();
  const found = all.filter((one) => one.id.startsWith(id));
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new UsageError(`I know no one mute \`${id}\`. \`/mesh mutes\` shows their ids.`);
  const refusal = await lookRefusal([one], asking, deps);
  if (refusal !== undefined) return sentence(refusal);
  await record('unmuted', `Took back: ${one.because}`, one, asking, deps);
  await deps.mutes.remove(one.id);
  return mutesMessage('No longer muted', [one], 'The next digest tells whether it is still there.');
}

async function mutesReply(asking: Asking, deps: HandlerDeps): Promise<Reply> {
  const now = deps.now().toISOString();
  const inForce = (await deps.mutes.list()).filter((one) => isInForce(one, now));
  const shown = await visible(inForce, (one) => one, asking, deps);
  if (shown.length === 0) return sentence(`Nothing is muted. \`/mesh ${muteExample}\` mutes a finding for a while.`);
  return asManyAsFit(Math.min(most, shown.length), (count) => {
    const left = shown.length - count;
    return mutesMessage('Muted', shown.slice(0, count), left > 0 ? `${left} more are not shown.` : undefined);
  });
}

function mutesMessage(title: string, mutes: readonly Mute[], after: string | undefined): Reply {
  const lines = [line(bold(title)), list(mutes.map(muteItem)), ...(after === undefined ? [] : [line(text(after))])];
  const named = mutes.map(({ code, ...where }) => `${code} in ${placeOf(where)}`).join(', ');
  return { text: sentence(shorten(`${title}: ${named}`, 500)).text, blocks: [richText(...lines)] };
}

export function muteItem({ id, code, cluster, until, because, by, ...where }: Mute) {
  return [
    bold(code),
    text(` in ${placeOf({ cluster, ...where })}, ${cluster}, until `),
    time(until),
    text(' · by '),
    person(by),
    text(` because ${shorten(because, 200)} · ${id}`),
  ];
}

async function record(
  kind: AuditEntry['kind'],
  says: string,
  { id, code, ...mute }: Mute,
  { actor }: Asking,
  deps: HandlerDeps,
): Promise<void> {
  const target = `${code} in ${placeOf(mute)} (${id})`;
  await deps.audit.append({ kind, at: deps.now().toISOString(), says, by: actor, cluster: mute.cluster, target });
}
