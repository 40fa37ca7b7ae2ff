import type { Schedule } from '../../jobs/digests/schedules.ts';
import type { DigestCommand } from '../../model/command.ts';
import { nearest } from '../../model/nearest.ts';
import { describeTiming } from '../../model/schedule.ts';
import { bold, line, list, richText, text, time } from '../../report/fix-parts.ts';
import type { Asking, HandlerDeps } from '../deps.ts';
import { lookRefusal } from '../look.ts';
import { type Reply, sentence } from '../replies.ts';

type Wanted = Extract<DigestCommand, { readonly kind: 'digest-add' }>;

const shownRuns = 3;
/** Where the words name no zone and Slack was not asked for one. */
const zone = 'UTC';

/** Sets up a digest for the channel it is asked in, by anybody who may look at what it tells. */
export async function addDigest(command: Wanted, asking: Asking, deps: HandlerDeps): Promise<Reply> {
  const { kind: _, ...wanted } = command;
  const { cluster, namespaces, topics } = command;
  const targets = namespaces.length > 0 ? namespaces.map((namespace) => ({ cluster, namespace })) : [];
  const isWhole = deps.vocabulary.topics.some(({ id, scope }) => topics.includes(id) && scope === 'cluster');
  const refusal = await lookRefusal([...targets, ...(isWhole ? [{ cluster }] : [])], asking, deps);
  if (refusal !== undefined) return sentence(refusal);
  const schedule = await deps.digests.schedules.add({ ...wanted, channel: asking.channel }, asking.actor, zone);
  deps.log.info({ schedule: schedule.id, channel: asking.channel, user: asking.actor.user }, 'A digest was set up');
  return addedReply(schedule, await unknownNames(command, deps), deps);
}

function addedReply(schedule: Schedule, doubts: readonly string[], deps: HandlerDeps): Reply {
  const { id, namespaces, topics, cluster } = schedule;
  const about = [...namespaces, ...topics].join(' + ');
  const runs = deps.digests.nextRuns(schedule, deps.now(), shownRuns).map((run) => run.toISOString());
  const heading = `Set up: a digest of ${about} in ${cluster}, ${describeTiming(schedule)}.`;
  const said = `It comes into this channel; only what changed is told. Next, in your time:`;
  const after = `Its id is ${id}: /mesh digest run ${id} makes one now, /mesh digest remove ${id} ends it.`;
  return {
    text: sentence(heading).text,
    blocks: [
      richText(line(bold(heading), text(` ${said}`)), list(runs.map((run) => [time(run)])), line(text(after))),
      ...doubts.map((doubt) => richText(line(text(doubt)))),
    ],
  };
}

/** A name that is not known may be new, or a slip. */
async function unknownNames({ cluster, namespaces }: Wanted, { names, log }: HandlerDeps): Promise<readonly string[]> {
  try {
    const known = await names.namespaces(cluster);
    const unknown = known.length === 0 ? [] : namespaces.filter((name) => !known.includes(name));
    return unknown.map((name) => {
      const [near] = nearest(name, known);
      const meant = near === undefined ? '' : ` Did you mean ${near}?`;
      return `I have not come across a namespace ${name} in ${cluster} yet.${meant}`;
    });
  } catch (error) {
    log.warn({ error }, 'Names could not be looked up');
    return [];
  }
}
