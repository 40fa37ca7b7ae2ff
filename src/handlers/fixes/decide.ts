import type { AuditEntry } from '../../model/audit.ts';
import type { Actor } from '../../model/command.ts';
import type { Person } from '../../model/policy.ts';
import type { Permission } from '../../model/policy-decisions.ts';
import type { FixingDeps } from '../deps.ts';

/** What somebody wants to do, for the record. */
export interface Deed extends Pick<AuditEntry, 'cluster' | 'fix' | 'target' | 'plan' | 'digest'> {
  readonly actor: Actor;
  /** `Approving`, `Asking for require-mtls`. */
  readonly what: string;
}

export type Refused = { readonly allowed: false; readonly why: string };

/**
 * Asks Slack who this is, anew unless told otherwise, and the policy whether they may. A refusal is recorded. Who
 * cannot be asked about is refused.
 */
export async function decide<P extends Permission>(
  deed: Deed,
  judge: (person: Person) => P,
  deps: Pick<FixingDeps, 'fixes' | 'log' | 'now'>,
  asking: { readonly fresh?: true } = { fresh: true },
): Promise<Extract<P, { readonly allowed: true }> | Refused> {
  const decision = await judged(deed.actor, judge, deps, asking);
  if (!decision.allowed) await refuse(deed, decision.why, deps);
  return decision as Extract<P, { readonly allowed: true }> | Refused;
}

/** Records that something was refused, and why. */
export async function refuse(
  { actor, what, ...about }: Deed,
  why: string,
  deps: Pick<FixingDeps, 'fixes' | 'log' | 'now'>,
): Promise<void> {
  const { fixes, log, now } = deps;
  log.info({ ...about, user: actor.user, what }, 'Refused');
  try {
    await fixes.audit.append({
      kind: 'refused',
      at: now().toISOString(),
      says: `${what}: ${why}`,
      by: actor,
      policy: fixes.policy.hash,
      ...about,
    });
  } catch (error) {
    log.warn({ error }, 'A refusal could not be recorded');
  }
}

async function judged<P extends Permission>(
  { user }: Actor,
  judge: (person: Person) => P,
  { fixes, log }: Pick<FixingDeps, 'fixes' | 'log'>,
  asking: { readonly fresh?: true },
): Promise<P | Refused> {
  try {
    return judge(await fixes.people.ask(user, asking));
  } catch (error) {
    log.warn({ error, user }, 'Slack does not say who somebody is');
    return { allowed: false, why: reasonOf(error) };
  }
}

/** A `PeopleError` says what keeps Slack from telling, and the next step. */
function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'PeopleError') return error.message;
  return 'Slack does not tell me who you are now, so I cannot let you do that. Try again in a minute.';
}
