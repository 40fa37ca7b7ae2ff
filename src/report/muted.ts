import { isProblem } from '../model/finding.ts';
import { isAbout, isInForce, type Mute } from '../model/mute.ts';
import type { Report } from '../model/report.ts';
import { placeOf } from '../model/target.ts';
import { dayOf } from './digest-words.ts';
import { shorten } from './slack-message.ts';

const most = 3;
const longestReason = 120;

/** Which findings of an answer the digests keep quiet about, until when and why; nothing where there are none. */
export function mutedNote({ findings, target }: Report, mutes: readonly Mute[], now: string): string | undefined {
  const problems = findings.filter(isProblem);
  const about = mutes.filter((mute) => isInForce(mute, now) && problems.some((one) => isAbout(mute, one, target)));
  if (about.length === 0) return undefined;
  const said = about
    .slice(0, most)
    .map(
      ({ code, until, because, ...place }) =>
        `${code} in ${placeOf(place)} until ${dayOf(until, 'UTC')} (${shorten(because, longestReason)})`,
    );
  const rest = about.length - said.length;
  return `Muted in digests: ${said.join(', ')}${rest > 0 ? `, and ${rest} more` : ''}. /mesh mutes lists them.`;
}
