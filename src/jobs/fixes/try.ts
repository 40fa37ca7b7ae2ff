import type { AuditEntry } from '../../model/audit.ts';
import { describeChanged, describeFixTarget } from '../../model/fix.ts';
import { ruleOf } from '../../model/policy-decisions.ts';
import type { Plan, Remediation } from '../../model/remediation.ts';
import { SourceError, UsageError } from '../../model/sources.ts';
import { sentence } from '../../model/transition.ts';
import type { Trial } from '../../model/trial.ts';
import type { Settled } from '../settle.ts';
import { asSomebodyElse, whyFrozenByMap } from './apply-checks.ts';
import type { ApplyDeps } from './apply-deps.ts';
import { hindranceTo, type NotWritten } from './hindrance.ts';

type Found = Omit<Trial, 'at'>;

const done: Settled = { status: 'done' };

/**
 * Looks whether a proposed plan could be applied, before anybody approves it: all that is looked at before a write but
 * the approvals and the hour, and the dry run. It writes nothing, is no step of the plan, and leaves one record for
 * each thing found.
 */
export async function tryPlan(id: string, deps: ApplyDeps): Promise<Settled> {
  const r = await deps.remediations.load(id);
  if (r === undefined || !isToTry(r, deps)) return done;
  const found = await whatStands(r, deps);
  const tried = { ...found, at: deps.now().toISOString() };
  // What the network says of a failure may be another each time.
  const isNew = found.outcome !== r.tried?.outcome || (found.outcome !== 'unknown' && found.why !== r.tried.why);
  if (isNew) await deps.audit.append(entryOf(r.plan, tried));
  await deps.remediations.pin(id, { tried });
  deps.log.info({ plan: id, fix: r.plan.fix, outcome: found.outcome }, 'A plan was tried');
  // The worker sweeps; this only makes it quick.
  if (isNew) await deps.wake(id).catch((error: unknown) => deps.log.warn({ error }, 'The worker is not woken'));
  return done;
}

/** A plan that takes another one back is not: the way back waits for nothing. */
function isToTry({ state, plan }: Remediation, { cluster, now }: ApplyDeps): boolean {
  const isOpen = state === 'proposed' && now().getTime() < Date.parse(plan.expiresAt);
  return isOpen && plan.undoOf === undefined && plan.target.cluster === cluster;
}

async function whatStands(r: Remediation, deps: ApplyDeps): Promise<Found> {
  try {
    const policy = deps.policy();
    const rule = ruleOf(policy, r.plan);
    const against = 'allowed' in rule ? rule.why : asSomebodyElse(r, policy);
    const refused = against ?? (await whyFrozenByMap(deps.writer));
    return refused === undefined ? await whatTheClusterSays(r, deps) : refusing(refused);
  } catch (error) {
    if (error instanceof SourceError) return unseen(error);
    if (error instanceof UsageError) return refusing(error.message);
    throw error;
  }
}

async function whatTheClusterSays(r: Remediation, deps: ApplyDeps): Promise<Found> {
  const hindrance = await hindranceTo(r, deps).catch((error: unknown) => {
    // What another person may is asked by rights of their own.
    if (!(error instanceof SourceError) || error.reason !== 'forbidden' || r.writeAs !== undefined) throw error;
    throw new SourceError('forbidden', error.message, { next: grantOf(r.plan, deps), cause: error });
  });
  if (hindrance === undefined) return { outcome: 'ok' };
  if (hindrance.kind === 'not-written') return notTaken(hindrance.outcome, r, deps);
  return { outcome: hindrance.kind, why: sentence(hindrance.why) };
}

function notTaken(outcome: NotWritten, r: Remediation, deps: ApplyDeps): Found {
  const { detail } = outcome;
  switch (outcome.status) {
    case 'drifted':
      return { outcome: 'drifted', why: sentence(`${describeChanged(r.plan.change)} is not as it was: ${detail}`) };
    case 'forbidden':
      return refusing(`${mayNot(r, deps)} The API server says: ${detail}`);
    case 'rejected':
      return refusing(`${outcome.by} does not accept it: ${detail}`);
    case 'unavailable':
      return { outcome: 'unknown', why: sentence(detail) };
  }
}

/** As themselves they may, or it would have been said before: then it is the fixer who may not write as them. */
function mayNot({ plan, writeAs }: Remediation, deps: ApplyDeps): string {
  if (writeAs === undefined) return `The fixer may not change ${kindIn(plan)}: ${grantOf(plan, deps)}`;
  return `It cannot be written as ${writeAs.user}: meshbot policy rbac POLICY_FILE | kubectl apply -f - allows it.`;
}

function unseen({ reason, message, next }: SourceError): Found {
  if (reason === 'timeout' || reason === 'unreachable') return { outcome: 'unknown', why: sentence(message) };
  return refusing([message, next].filter((one) => one !== undefined).join(' '));
}

/** `PeerAuthentications in bookinfo`. */
function kindIn({ change: { resource, namespace } }: Plan): string {
  const many = resource.kind.endsWith('y') ? `${resource.kind.slice(0, -1)}ies` : `${resource.kind}s`;
  return namespace === undefined ? many : `${many} in ${namespace}`;
}

/** What to type so that the fixer may. The Role of a fix of the whole cluster says itself where it belongs. */
function grantOf({ fix, target: { namespace } }: Plan, { fixOf }: ApplyDeps): string {
  const where = fixOf(fix).scope === 'cluster' || namespace === undefined ? '' : ` -n ${namespace}`;
  return `kubectl apply${where} -k deploy/fixes/${fix} allows it.`;
}

function refusing(why: string): Found {
  return { outcome: 'refused', why: sentence(why) };
}

function entryOf(plan: Plan, { outcome, why = '', at }: Trial): AuditEntry {
  const { id, fix, target, digest } = plan;
  const says =
    outcome === 'ok'
      ? `Tried without writing: the API server makes of ${describeChanged(plan.change)} what was shown.`
      : `Tried without writing (${outcome}): ${why}`;
  const about = { cluster: target.cluster, target: describeFixTarget(target), fix, plan: id };
  return { kind: 'dry-run', at, says, ...about, digest };
}
