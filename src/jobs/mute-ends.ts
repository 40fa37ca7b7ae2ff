import type { Log } from '../model/log.ts';
import type { Mute } from '../model/mute.ts';
import type { SlackMessage } from '../report/slack-message.ts';
import type { Commit } from './audit/commit.ts';
import { deliveryOf } from './delivery.ts';
import { mayPass } from './digests/deliver.ts';
import type { WithLock } from './lock.ts';
import { DeliveryError, type Messenger, orThrow } from './messenger.ts';
import type { Mutes } from './mutes.ts';
import { prefix } from './open-queues.ts';
import type { DeliveryRecords } from './records.ts';

export interface MuteEndDeps {
  readonly cluster: string;
  readonly mutes: Pick<Mutes, 'untold' | 'markTold'>;
  readonly messenger: Messenger;
  readonly records: DeliveryRecords;
  /** Keeps a record together with the mark that it was kept. */
  readonly commit: Commit;
  readonly withLock: WithLock;
  readonly log: Log;
  readonly now: () => Date;
}

/**
 * Records that mutes have ended, and tells whoever made them, whether a digest covers it or not. What Slack does not
 * take now is told next time.
 */
export async function tellEnded(deps: MuteEndDeps): Promise<void> {
  const { mutes, cluster, log } = deps;
  await deps.withLock(`mute-ends-${cluster}`, async () => {
    for (const mute of (await mutes.untold()).filter((one) => one.cluster === cluster)) {
      try {
        await record(mute, deps);
        await tell(mute, deps);
        await mutes.markTold(mute.id);
      } catch (error) {
        log.warn({ error, mute: mute.id }, 'Nobody could be told that a mute has ended');
      }
    }
  });
}

const keptSeconds = 30 * 24 * 3600;

/** Once, however often it is tried to tell somebody. */
async function record(mute: Mute, { commit, now }: MuteEndDeps): Promise<void> {
  const { id, cluster, namespace } = mute;
  const at = now().toISOString();
  const entry = { kind: 'unmuted', at, says: `The mute of ${placeOf(mute)} has ended by itself.`, cluster } as const;
  const mark = { key: `${prefix}:mute-ended:${id}`, version: 0, value: at, keptSeconds };
  await commit({ ...entry, target: namespace }, mark);
}

/** Somebody who has left cannot be told, today or later. */
async function tell(mute: Mute, { messenger, records, log }: MuteEndDeps): Promise<void> {
  const requestId = `mute-${mute.id}`;
  try {
    const { channel } = orThrow(await messenger.openDirectMessage(mute.by.user));
    const delivery = deliveryOf({ requestId, channel }, await records.open(requestId), { messenger, records, log });
    await delivery.post('end', endMessage(mute));
  } catch (error) {
    if (!(error instanceof DeliveryError) || mayPass(error.failure)) throw error;
    log.warn({ mute: mute.id, user: mute.by.user, code: error.failure.code }, 'The owner of a mute cannot be told');
  }
}

function endMessage(mute: Mute): SlackMessage {
  const { code, namespace, workload = '', cluster, because } = mute;
  const text = `What you muted is shown again: ${placeOf(mute)}.`;
  const again = `/mesh mute ${[code, namespace, workload].filter((one) => one !== '').join(' ')} for 7d --cluster ${cluster} because ${because}`;
  const elements = [
    { type: 'text' as const, text: `${text} To hide it longer, type ` },
    { type: 'text' as const, text: again, style: { code: true } },
  ];
  return { text, blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }] };
}

function placeOf({ code, namespace, workload, cluster }: Mute): string {
  return `${code} in ${workload === undefined ? namespace : `${namespace}/${workload}`} (${cluster})`;
}
