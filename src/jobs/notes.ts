import type { Log } from '../model/log.ts';
import { mutedNote } from '../report/muted.ts';
import type { Mutes } from './mutes.ts';
import type { DeliveryRecord, Result } from './records.ts';

export interface NoteDeps {
  readonly mutes: Pick<Mutes, 'list'>;
  readonly log: Log;
  readonly now: () => Date;
}

/** What is to be said besides the answer, which stands without. */
export async function notesOn(result: Result, { direct }: DeliveryRecord, deps: NoteDeps): Promise<readonly string[]> {
  const why = direct?.why === undefined ? [] : [direct.why];
  if (result.kind !== 'report') return why;
  try {
    const muted = mutedNote(result.report, await deps.mutes.list(), deps.now().toISOString());
    return muted === undefined ? why : [...why, muted];
  } catch (error) {
    deps.log.warn({ error }, 'Mutes could not be looked up');
    return why;
  }
}
