import type { App } from '@slack/bolt';
import type { Actor } from '../../model/command.ts';
import { standing } from '../../model/policy-people.ts';
import type { Remediation } from '../../model/remediation.ts';
import { line, richText, text } from '../../report/fix-parts.ts';
import type { AnyBlock } from '../../report/slack-message.ts';
import type { Slack } from '../actions/press.ts';
import type { FixDeps, HandlerDeps } from '../deps.ts';
import { areOn } from '../fixes/answer.ts';
import { helpFor } from '../help.ts';
import { board } from './board.ts';
import { mutesEnding, mySchedules } from './digests.ts';
import { askedByMe, waitingForMe } from './plans.ts';
import { freezeState, myRights } from './rights.ts';
import type { FixVisit, Section, Visit } from './section.ts';

const waiting: readonly Section<FixVisit>[] = [freezeState, waitingForMe, askedByMe];
const sections: readonly Section[] = [board, mySchedules, mutesEnding];
const rights: readonly Section<FixVisit>[] = [myRights];
const divider: AnyBlock = { type: 'divider' };
const mostPlans = 50;
const mostBlocks = 100;

/** App Home: what is there for one person. */
export function registerHome(app: App, deps: HandlerDeps): void {
  app.event('app_home_opened', async ({ event, body, client }) => {
    if (event.tab !== 'home') return;
    const actor = { team: body.team_id, user: event.user };
    await publishHome(actor, client, deps);
  });
}

/** Never throws: the next opening shows it anew. */
export async function publishHome(actor: Actor, slack: Slack, deps: HandlerDeps): Promise<void> {
  try {
    const blocks = (await homeBlocks(actor, slack, deps)).slice(0, mostBlocks);
    await slack.views.publish({ user_id: actor.user, view: { type: 'home', blocks: blocks as [] } });
  } catch (error) {
    deps.log.warn({ error, user: actor.user }, 'App Home could not be shown');
  }
}

async function homeBlocks(actor: Actor, slack: Slack, deps: HandlerDeps): Promise<readonly AnyBlock[]> {
  const visit = { actor, slack, deps };
  const help = helpFor(undefined, deps.vocabulary).blocks;
  const about = await aboutFixes(visit);
  if (about === 'refused') return help;
  const parts = await Promise.all(sections.map((section) => shown(section, visit, deps)));
  const all = [...(about?.before ?? []), ...parts.flat(), ...(about?.after ?? [])];
  return [...(all.length === 0 ? [] : [...all, divider]), ...help];
}

/** What is about fixes, around the rest; nothing where they are off. */
async function aboutFixes(visit: Visit) {
  const { actor, deps } = visit;
  if (!areOn(deps)) return undefined;
  const person = await deps.fixes.people.ask(actor.user);
  if (standing(person) !== undefined) return 'refused';
  const remediations = await openPlans(deps.fixes, deps.vocabulary.clusters);
  const inside: FixVisit = { ...visit, person, remediations, deps };
  const [before, after] = await Promise.all(
    [waiting, rights].map((all) => Promise.all(all.map((section) => shown(section, inside, deps)))),
  );
  return { before: before?.flat() ?? [], after: after?.flat() ?? [] };
}

/** A section that fails says so, and hides no other. */
async function shown<V extends Visit>(
  section: Section<V>,
  visit: V,
  { log }: HandlerDeps,
): Promise<readonly AnyBlock[]> {
  try {
    return await section(visit);
  } catch (error) {
    log.warn({ error }, 'A part of App Home failed');
    return [said('I could not look up a part of this page. Open it again in a minute.')];
  }
}

async function openPlans({ remediations }: FixDeps, clusters: readonly string[]): Promise<readonly Remediation[]> {
  const ids = (await Promise.all(clusters.map((cluster) => remediations.open(cluster)))).flat();
  const loaded = await Promise.allSettled(ids.slice(0, mostPlans).map((id) => remediations.load(id)));
  // One that cannot be read hides no other.
  return loaded.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
}

function said(sentence: string): AnyBlock {
  return richText(line(text(sentence)));
}
