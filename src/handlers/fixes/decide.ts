import type { AuditEntry } from '../../model/audit.ts';
import type { Actor } from '../../model/command.ts';
import type { Person } from '../../model/policy.ts';
import type { Permission } from '../../model/policy-decisions.ts';
import type { FixingDeps, HandlerDeps } from '../deps.ts';

/** What somebody wants to do, for the record. */
export interface Deed extends Pick<AuditEntry, 'cluster' | 'fix' | 'target' | 'plan' | 'digest'> {
  readonly actor: Actor;
  /** `Approving`, `Asking for require-mtls`. */
  readonly what: string;
}

export type Refused = { readonly allowed: false; readonly why: string };

type DecideDeps = Pick<FixingDeps, 'audit' | 'fixes' | 'log' | 'now'>;

export interface Asked<P> {
  /** What Slack said a while ago will not do. */
  readonly fresh?: true;
  /** What holds where Slack does not say who it is. Absent: they may not. */
  readonly unknown?: P;
}

/**
 * Asks Slack who this is, anew unless told otherwise, and the policy whether they may. A refusal is recorded. Who
 * cannot be asked about is refused. Whoever was refused moments ago is refused again by what Slack said then.
 */
export async function decide<P extends Permission>(
  deed: Deed,
  judge: (person: Person) => P,
  deps: DecideDeps,
  asking: Asked<P> = { fresh: true },
): Promise<Extract<P, { readonly allowed: true }> | Refused> {
  const decision = await judged(deed.actor, judge, deps, asking);
  if (!decision.allowed) await refuse(deed, decision.why, deps);
  return decision as Extract<P, { readonly allowed: true }> | Refused;
}

/** Records that something was refused, and why. */
export async function refuse(
  { actor, what, ...about }: Deed,
  why: string,
  deps: Pick<HandlerDeps, 'audit' | 'fixes' | 'log' | 'now'>,
): Promise<void> {
  const { audit, fixes, log, now } = deps;
  log.info({ ...about, user: actor.user, what }, 'Refused');
  try {
    await audit.append({
      kind: 'refused',
      at: now().toISOString(),
      says: `${what}: ${why}`,
      by: actor,
      ...(fixes !== undefined && { policy: fixes.policy.hash }),
      ...about,
    });
  } catch (error) {
    log.warn({ error }, 'A refusal could not be recorded');
  }
}

async function judged<P extends Permission>(
  { user }: Actor,
  judge: (person: Person) => P,
  { fixes, log }: DecideDeps,
  { unknown, ...asking }: Asked<P>,
): Promise<P | Refused> {
  const known = asking.fresh && fixes.people.recent(user);
  const again = known && judge(known);
  if (again?.allowed === false) return again;
  try {
    return judge(await fixes.people.ask(user, asking));
  } catch (error) {
    log.warn({ error, user }, 'Slack does not say who somebody is');
    return unknown ?? { allowed: false, why: peopleReason(error) ?? unknownReason };
  }
}

const unknownReason = 'Slack does not tell me who you are now, so I cannot let you do that. Try again in a minute.';

/** What keeps Slack from telling who somebody is, and the next step; nothing where something else failed. */
export function peopleReason(error: unknown): string | undefined {
  return error instanceof Error && error.name === 'PeopleError' ? error.message : undefined;
}
