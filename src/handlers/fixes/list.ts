import type { Person } from '../../model/policy.ts';
import { mayRequest } from '../../model/policy-decisions.ts';
import type { FixHelp } from '../commands/fix-grammar.ts';
import type { Asking, FixingDeps } from '../deps.ts';
import { commandLine, markup, type Reply, sentence } from '../replies.ts';

/** What fixes there are, and whether this person may ask for them. */
export async function fixesReply({ actor }: Asking, deps: FixingDeps): Promise<Reply> {
  const { fixes: known } = deps.vocabulary;
  deps.watch.command('fixes', 'answered');
  if (known.length === 0) return sentence('There are no fixes yet.');
  const person = await deps.fixes.people.ask(actor.user);
  const lines = known.map((fix) => `${commandLine(fix.example, fix.does)}\n${mayAsk(fix, person, deps)}`);
  const frozen = await deps.fixes.remediations.freeze.get();
  const stopped = frozen === undefined ? [] : ['*All changes are stopped now.* `/mesh unfreeze` lets them go on.'];
  return markup([...stopped, '*What I can fix, with approval*', ...lines].join('\n'));
}

/** By cluster; a rule may still leave out some namespaces. */
function mayAsk(
  { id, scope }: FixHelp,
  person: Person,
  { vocabulary: { clusters }, fixes: { policy } }: FixingDeps,
): string {
  const asked = policy.fixes.flatMap(({ namespaces }) => namespaces);
  const places = scope === 'cluster' ? [undefined] : [...new Set(asked)];
  const allowed = clusters.filter((cluster) =>
    places.some((namespace) => {
      const target = { cluster, ...(namespace !== undefined && { namespace }) };
      return mayRequest(policy, person, id, target).allowed;
    }),
  );
  if (allowed.length === 0) return '      You may not ask for it.';
  return `      You may ask for it${allowed.length === clusters.length ? '' : ` in ${allowed.join(', ')}`}.`;
}
