import { everyone } from '../../model/policy.ts';
import { mayFreeze, mayUnfreeze } from '../../model/policy-decisions.ts';
import { rolesAmong } from '../../model/policy-people.ts';
import { bold, line, person as mention, note, richText, text, time } from '../../report/fix-parts.ts';
import { shorten } from '../../report/slack-message.ts';
import type { FixVisit, Section } from './section.ts';

/** Whether all changes are stopped, first of all where they are. */
export const freezeState: Section<FixVisit> = async ({ deps }) => {
  const frozen = await deps.fixes.remediations.freeze.get();
  if (frozen === undefined) return [];
  const because = frozen.because === undefined ? '' : `: ${shorten(frozen.because, 300)}`;
  return [
    richText(
      line(
        bold('All changes are stopped'),
        text(' by '),
        mention(frozen.by),
        text(' since '),
        time(frozen.at),
        text(because),
      ),
    ),
  ];
};

/** The roles this person has, and what stops and starts changes. */
export const myRights: Section<FixVisit> = async ({ person, deps }) => {
  const { policy } = deps.fixes;
  const roles = rolesAmong(policy, person, [...Object.keys(policy.roles), everyone]);
  const words = [
    ...(mayFreeze(policy, person).allowed ? ['/mesh freeze'] : []),
    ...(mayUnfreeze(policy, person).allowed ? ['/mesh unfreeze'] : []),
  ];
  const switches = words.length === 0 ? '' : ` · you may type ${words.join(' and ')}`;
  return [note(`Your roles: ${roles.join(', ')}${switches} · /mesh fix lists what you may ask for`)];
};
