import { isInForce } from '../../model/mute.ts';
import { bold, line, list, richText } from '../../report/fix-parts.ts';
import { schedulesBlocks } from '../digests/list.ts';
import { visible } from '../look.ts';
import { muteItem } from '../mutes/answer.ts';
import { schedulesOf } from './mine.ts';
import type { Section } from './section.ts';

const mostMutes = 5;
const soonMs = 7 * 24 * 3_600_000;

export const mySchedules: Section = async (visit) => {
  return schedulesBlocks('Digests of mine, and of channels I ask in', await schedulesOf(visit), visit.deps);
};

/** The mutes that end within a week: who made one may want to look before. */
export const mutesEnding: Section = async ({ actor, deps }) => {
  const now = deps.now();
  const ending = (await deps.mutes.list()).filter(
    (one) => isInForce(one, now.toISOString()) && Date.parse(one.until) - now.getTime() < soonMs,
  );
  const shown = (await visible(ending, (one) => one, { actor, channel: '' }, deps)).slice(0, mostMutes);
  return shown.length === 0 ? [] : [richText(line(bold('Mutes that end soon')), list(shown.map(muteItem)))];
};
