import { describeRef, type Ref } from '../model/finding.ts';
import type { Connection } from '../model/report.ts';

/** Whether an object is among those that decide a connection. */
export function restsOn({ because }: Pick<Connection, 'because'>, object: Ref): boolean {
  const name = `${describeRef(object)} `;
  return because.some((sentence) => sentence.includes(name));
}
