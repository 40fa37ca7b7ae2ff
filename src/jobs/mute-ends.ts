import type { Log } from '../model/log.ts';
import type { Mute } from '../model/mute.ts';
import type { SlackMessage } from '../report/slack-message.ts';
import type { AuditLog } from './audit/audit.ts';
import { deliveryOf } from './delivery.ts';
import type { WithLock } from './lock.ts';
import { type Messenger, orThrow } from './messenger.ts';
import type { Mutes } from './mutes.ts';
import type { DeliveryRecords } from './records.ts';

export interface MuteEndDeps {
  readonly cluster: string;
  readonly mutes: Pick<Mutes, 'untold' | 'markTold'>;
  readonly messenger: Messenger;
  readonly records: DeliveryRecords;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly withLock: WithLock;
  readonly log: Log;
  readonly now: () => Date;
}

/** Tells whoever muted something that it has ended, whether a digest covers it or not. What fails is told next time. */
export async function tellEnded(deps: MuteEndDeps): Promise<void> {
  const { mutes, cluster, log } = deps;
  await deps.withLock(`mute-ends-${cluster}`, async () => {
    for (const mute of (await mutes.untold()).filter((one) => one.cluster === cluster)) {
      try {
        await tell(mute, deps);
        await mutes.markTold(mute.id);
      } catch (error) {
        log.warn({ error, mute: mute.id }, 'Nobody could be told that a mute has ended');
      }
    }
  });
}

async function tell(mute: Mute, { messenger, records, audit, log, now }: MuteEndDeps): Promise<void> {
  const { id, by, cluster } = mute;
  const requestId = `mute-${id}`;
  const { channel } = orThrow(await messenger.openDirectMessage(by.user));
  const delivery = deliveryOf({ requestId, channel }, await records.open(requestId), { messenger, records, log });
  await delivery.post('end', endMessage(mute));
  const says = `The mute of ${placeOf(mute)} has ended by itself.`;
  await audit.append({ kind: 'unmuted', at: now().toISOString(), says, cluster, target: mute.namespace });
}

function endMessage(mute: Mute): SlackMessage {
  const { code, namespace, workload = '', because } = mute;
  const text = `What you muted is shown again: ${placeOf(mute)}.`;
  const again = `/mesh mute ${[code, namespace, workload].filter((one) => one !== '').join(' ')} for 7d because ${because}`;
  const elements = [
    { type: 'text' as const, text: `${text} To hide it longer, type ` },
    { type: 'text' as const, text: again, style: { code: true } },
  ];
  return { text, blocks: [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }] };
}

function placeOf({ code, namespace, workload, cluster }: Mute): string {
  return `${code} in ${workload === undefined ? namespace : `${namespace}/${workload}`} (${cluster})`;
}
