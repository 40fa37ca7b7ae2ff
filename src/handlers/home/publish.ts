import type { App } from '@slack/bolt';
import type { Actor } from '../../model/command.ts';
import { standing } from '../../model/policy-people.ts';
import { line, richText, text } from '../../report/fix-parts.ts';
import type { AnyBlock } from '../../report/slack-message.ts';
import type { Slack } from '../actions/press.ts';
import { admit } from '../actor.ts';
import type { FixingDeps, HandlerDeps } from '../deps.ts';
import { areOn } from '../fixes/are-on.ts';
import { peopleReason } from '../fixes/decide.ts';
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
    // Elsewhere than at home, the event does not tell whose the person is.
    const team = body.team_id === deps.home.team ? body.team_id : undefined;
    const { actor, refusal } = await admit({ user: event.user, team }, deps);
    if (refusal === undefined) return publishHome(actor, client, deps);
    deps.log.warn({ user: actor.user, team: body.team_id }, 'Refused a stranger');
    await publish(actor.user, [said(refusal)], client, deps);
  });
}

/** Never throws: the next opening shows it anew. */
export async function publishHome(actor: Actor, slack: Slack, deps: HandlerDeps): Promise<void> {
  try {
    await publish(actor.user, await homeBlocks({ actor, slack, deps }), slack, deps);
  } catch (error) {
    deps.log.warn({ error, user: actor.user }, 'App Home could not be made');
  }
}

async function publish(user: string, blocks: readonly AnyBlock[], slack: Slack, { log }: HandlerDeps): Promise<void> {
  try {
    await slack.views.publish({ user_id: user, view: { type: 'home', blocks: blocks.slice(0, mostBlocks) as [] } });
  } catch (error) {
    log.warn({ error, user }, 'App Home could not be shown');
  }
}

async function homeBlocks(visit: Visit): Promise<readonly AnyBlock[]> {
  const { deps } = visit;
  const help = (await helpFor(undefined, { actor: visit.actor, channel: '' }, deps)).blocks;
  const about = await aboutFixes(visit);
  if (about === 'refused') return help;
  const parts = await Promise.all(sections.map((section) => shown(section, visit, deps)));
  const all = [...about.before, ...parts.flat(), ...about.after];
  return [...(all.length === 0 ? [] : [...all, divider]), ...help];
}

interface Around {
  readonly before: readonly AnyBlock[];
  readonly after: readonly AnyBlock[];
}

/** What is about fixes, around the rest; nothing where they are off. Where it cannot be made it says so. */
async function aboutFixes({ deps, ...visit }: Visit): Promise<Around | 'refused'> {
  if (!areOn(deps)) return { before: [], after: [] };
  try {
    const person = await deps.fixes.people.ask(visit.actor.user);
    if (standing(person) !== undefined) return 'refused';
    const inside: FixVisit = { ...visit, ...(await openPlans(deps)), person, deps };
    const [before, after] = await Promise.all(
      [waiting, rights].map((all) => Promise.all(all.map((section) => shown(section, inside, deps)))),
    );
    return { before: before?.flat() ?? [], after: after?.flat() ?? [] };
  } catch (error) {
    deps.log.warn({ error }, 'App Home lacks what is about fixes');
    const why = peopleReason(error) ?? 'My store (Redis) does not answer. Open this page again in a minute.';
    return { before: [said(`I could not look up which plans wait for you. ${why}`)], after: [] };
  }
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

/** Those of all clusters. One that cannot be read hides no other. */
async function openPlans({
  fixes: { remediations },
  vocabulary: { clusters },
  log,
}: FixingDeps): Promise<Pick<FixVisit, 'remediations' | 'unread'>> {
  const ids = (await Promise.all(clusters.map((cluster) => remediations.open(cluster)))).flat();
  const loaded = await Promise.allSettled(ids.slice(0, mostPlans).map((id) => remediations.load(id)));
  const failed = loaded.filter(({ status }) => status === 'rejected');
  if (failed.length > 0) log.warn({ error: failed[0], count: failed.length }, 'Some plans could not be read');
  return {
    remediations: loaded.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : [])),
    unread: failed.length + Math.max(0, ids.length - mostPlans),
  };
}

function said(sentence: string): AnyBlock {
  return richText(line(text(sentence)));
}
