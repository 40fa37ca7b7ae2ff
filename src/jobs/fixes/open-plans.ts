import type { Remediation } from '../../model/remediation.ts';
import type { Remediations } from './remediations.ts';

/** Plans in one state that somebody or something has to bring on, and those of which nobody knows what became. */
export interface OpenPlans {
  readonly state: WatchedState;
  readonly count: number;
  /** RFC 3339: since when the first of them is in it. */
  readonly since?: string;
}

export type WatchedState = (typeof watchedStates)[number];

/** `unclear`: of the last hour, as long as they are in sight. `unreadable`: nobody can bring them on. */
export const watchedStates = [
  'proposed',
  'approved',
  'cleared',
  'applying',
  'applied',
  'unclear',
  'unreadable',
] as const;

const most = 200;

/** How many plans of a cluster are in each of these states, and since when. All states are in it. */
export async function openPlans(
  { open, load }: Pick<Remediations, 'open' | 'load'>,
  cluster: string,
): Promise<readonly OpenPlans[]> {
  // Those that are settled come first.
  const ids = (await open(cluster)).slice(-most);
  // Redis that is away must not look like plans that cannot be read.
  const plans = await Promise.all(ids.map((id) => load(id).catch(unreadable)));
  const found = plans.flatMap((plan) => placeOf(plan) ?? []);
  return watchedStates.map((state) => {
    const here = found.filter((one) => one.state === state);
    const [since] = here.flatMap((one) => one.since ?? []).toSorted();
    return { state, count: here.length, ...(since !== undefined && { since }) };
  });
}

function unreadable(error: unknown): 'unreadable' {
  if (error instanceof Error && error.name === 'UnreadableRemediation') return 'unreadable';
  throw error;
}

function placeOf(
  plan: Remediation | 'unreadable' | undefined,
): { readonly state: WatchedState; readonly since?: string } | undefined {
  if (plan === 'unreadable') return { state: plan };
  switch (plan?.state) {
    case 'proposed':
      return { state: 'proposed', since: plan.plan.requestedAt };
    case 'approved':
      return { state: 'approved', since: plan.approvedAt };
    case 'cleared':
      return { state: 'cleared', since: plan.clearedAt };
    case 'applying':
      return { state: 'applying', since: plan.startedAt };
    case 'applied':
      return { state: 'applied', since: plan.written.at };
    case 'closed':
      return plan.why === 'unclear' ? { state: 'unclear', since: plan.closedAt } : undefined;
    default:
      return undefined;
  }
}
