import type { Digest } from '../../model/digest.ts';
import { describeTiming } from '../../model/schedule.ts';
import { digestMessage, newsIn } from '../../report/digest.ts';
import { digestDetails } from '../../report/digest-details.ts';
import type { SlackMessage } from '../../report/slack-message.ts';
import { type Asks, rootId } from '../asks.ts';
import { type Delivery, type DeliveryDeps, deliveryOf } from '../delivery.ts';
import { DeliveryError, type Failure, type Messenger } from '../messenger.ts';
import type { MadeBy } from './history.ts';
import type { DigestPosts, Posted } from './posts.ts';
import type { Schedule } from './schedule.ts';

export interface PostDeps extends DeliveryDeps {
  readonly posts: DigestPosts;
  readonly asks: Pick<Asks, 'save'>;
  /** Why nothing can be posted to a channel any more, as Slack calls it: `is_archived`; nothing where it can, or Slack does not tell. */
  readonly goneFrom: (channel: string) => Promise<string | undefined>;
}

/** A digest that is made and kept. */
export interface Ready {
  readonly digest: Digest;
  readonly run: MadeBy;
}

/** How a digest came to its readers. `quiet`: there was nothing to say. */
export type Delivered = 'posted' | 'edited' | 'quiet';

/** By this name all parts of one run are found again: whoever takes it up goes on, and nothing is posted twice. */
export function runId({ id }: Pick<Schedule, 'id'>, tick: string): string {
  return `${id}@${tick}`;
}

/**
 * Brings a digest to its channel: as a new message where something is new or worse, where somebody asked for it, or
 * where the day has none yet; otherwise in place of the message of the day, which keeps what it told as news. The
 * details go to its thread. Failures are `DeliveryError`s.
 */
export async function deliverDigest(schedule: Schedule, { digest, run }: Ready, deps: PostDeps): Promise<Delivered> {
  const posted = await deps.posts.load(schedule.id);
  const done: Posted = { ...posted, done: run.tick, lost: [] };
  const day = localDay(digest.at, schedule.timeZone);
  if (digest.say === 'nothing' && run.reason !== 'run') {
    await deps.posts.save(schedule.id, { ...done, looked: await lookedOn(day, schedule, posted, deps) });
    return 'quiet';
  }
  const isNew = digest.say === 'news' || run.reason === 'run' || posted.message?.day !== day;
  const standing = isNew ? undefined : posted.message;
  const ts = await show(schedule, { digest, run, standing }, deps);
  const news = standing?.news ?? newsIn(digest, schedule.timeZone);
  await deps.posts.save(schedule.id, { ...done, message: { day, ts, news } });
  await deps.records.finish(runId(schedule, run.tick));
  return standing === undefined ? 'posted' : 'edited';
}

/** A schedule that has nothing to say for days would not learn that its channel is gone: so it looks once a day. */
async function lookedOn(
  day: string,
  { channel }: Schedule,
  { looked, message }: Posted,
  { goneFrom }: PostDeps,
): Promise<string> {
  if (looked === day || message?.day === day) return looked ?? day;
  const code = await goneFrom(channel);
  if (code !== undefined) throw new DeliveryError({ ok: false, reason: 'unreachable', code, sent: 'no' });
  return day;
}

async function show(
  schedule: Schedule,
  { digest, run, standing }: Ready & { readonly standing: Posted['message'] | undefined },
  deps: PostDeps,
): Promise<string> {
  const meta = { ...metaOf(schedule), earlier: standing?.news ?? [] };
  const { withChart, withoutChart } = digestMessage(digest, meta);
  const parcel = { requestId: runId(schedule, run.tick), channel: schedule.channel };
  const record = await deps.records.open(parcel.requestId);
  const messenger = withFallback(deps.messenger, withChart, withoutChart);
  const delivery = deliveryOf(parcel, record, { ...deps, messenger });
  const root =
    standing === undefined
      ? await delivery.post('digest', withChart)
      : await delivery.replace('digest', standing.ts, withChart);
  const { id, channel, owner } = schedule;
  await deps.asks.save(rootId(channel, root), { command: `digest run ${id}`, channel, team: owner?.team ?? '' });
  await showDetails(digestDetails(digest, meta), root, delivery, deps);
  return root;
}

/**
 * The digest itself is out: where its thread takes nothing, because somebody deleted the message or locked the thread,
 * that is no reason to say that it is not.
 */
async function showDetails(
  details: readonly SlackMessage[],
  root: string,
  delivery: Delivery,
  { log }: PostDeps,
): Promise<void> {
  try {
    for (const [index, message] of details.entries()) await delivery.post(`details-${index + 1}`, message, root);
  } catch (error) {
    if (!(error instanceof DeliveryError) || mayPass(error.failure)) throw error;
    log.warn({ code: error.failure.code }, 'The details of a digest were refused');
  }
}

function metaOf(schedule: Schedule) {
  const { id, owner, timeZone } = schedule;
  const described = `Digest ${id}, ${describeTiming(schedule)}`;
  return { timeZone, schedule: described, ...(owner !== undefined && { owner: owner.user }) };
}

/** Sends the second message where Slack will never accept the first: not every workspace knows charts. */
function withFallback(messenger: Messenger, first: SlackMessage, second: SlackMessage): Messenger {
  return {
    ...messenger,
    async post(address, message) {
      const outcome = await messenger.post(address, message);
      const isUnfit = message === first && !outcome.ok && outcome.reason === 'unfit';
      return isUnfit ? messenger.post(address, second) : outcome;
    },
    async update(address, ts, message) {
      const outcome = await messenger.update(address, ts, message);
      const isUnfit = message === first && !outcome.ok && outcome.reason === 'unfit';
      return isUnfit ? messenger.update(address, ts, second) : outcome;
    },
  };
}

/** Whether what Slack did not take now it may take later. */
export function mayPass({ reason }: Failure): boolean {
  return reason === 'rate-limited' || reason === 'unavailable';
}

/** `2026-11-25`, by the clock of the zone. */
function localDay(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(Date.parse(at));
}
