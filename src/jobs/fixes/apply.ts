import { isAsWritten } from '../../fixes/plan.ts';
import type { AuditEntry } from '../../model/audit.ts';
import { describeChanged, describeFixTarget } from '../../model/fix.ts';
import { begin, fail } from '../../model/life.ts';
import type { Plan, Remediation } from '../../model/remediation.ts';
import { SourceError } from '../../model/sources.ts';
import type { WriteOutcome } from '../../model/writer.ts';
import type { Settled } from '../settle.ts';
import { obstacleOf, obstacleTo, outdated, whyFrozen } from './apply-checks.ts';
import type { ApplyDeps, Obstacle } from './apply-deps.ts';
import { later, meet, recordWritten } from './apply-record.ts';
import { settlePlan } from './apply-settle.ts';

export type { ApplyDeps } from './apply-deps.ts';

/** Between the begin and the write there is only the last look at the freeze. Who takes longer does not write. */
const writeWithinMs = 15_000;

/**
 * Applies a plan, at most once: whoever takes the step `begin` writes, and never again. Where it cannot be told whether
 * it was written, the object itself tells, now or later.
 */
export async function applyPlan(id: string, deps: ApplyDeps): Promise<Settled> {
  const { remediations, log, cluster, working } = deps;
  const r = await remediations.load(id);
  if (r === undefined || (r.state !== 'cleared' && r.state !== 'applying')) return done;
  if (r.plan.target.cluster !== cluster) {
    log.warn({ plan: id, cluster: r.plan.target.cluster }, 'A plan of another cluster is in this queue');
    return done;
  }
  // Two jobs of one plan, or two processes: the one that wrote settles it.
  if (working.has(id)) return later;
  working.add(id);
  try {
    return r.state === 'applying' ? await settlePlan(r, deps) : await tryToApply(r, deps);
  } finally {
    working.delete(id);
  }
}

const done: Settled = { status: 'done' };

async function tryToApply(r: Remediation, deps: ApplyDeps): Promise<Settled> {
  const { plan, version } = r;
  const obstacle = (await behindAnother(r, deps)) ?? (await obstacleTo(r, deps));
  if (obstacle !== undefined) return meet(obstacle, r, deps);
  await deps.audit.append(dryRunEntry(plan, deps.now().toISOString()));
  const startedAt = deps.now();
  // Exactly what was looked at is begun: whoever changed it since is seen by the version.
  const begun = await deps.remediations.change(plan.id, (current) =>
    current.state === 'cleared' && current.version === version ? begin(current, startedAt.toISOString()) : undefined,
  );
  if (begun.status === 'busy') return later;
  if (begun.status !== 'changed') return done;
  return write({ ...begun.remediation, plan }, startedAt, deps);
}

/** One at a time. Whoever waits asks nothing of the cluster. */
async function behindAnother(r: Remediation, deps: ApplyDeps): Promise<Obstacle | undefined> {
  const holder = await deps.remediations.holder(deps.cluster);
  if (holder === undefined || holder === r.plan.id) return undefined;
  return outdated(r, deps) ?? { kind: 'later', why: `plan ${holder} is being applied` };
}

async function write(r: Remediation, startedAt: Date, deps: ApplyDeps): Promise<Settled> {
  const { plan, writeAs: as } = r;
  const frozen = await whyFrozen(deps).catch((error: unknown) => stopped(error));
  if (frozen !== undefined) return meet(frozen, r, deps);
  if (deps.now().getTime() - startedAt.getTime() > writeWithinMs) return meet(tooSlow, r, deps);
  deps.log.info({ plan: plan.id, fix: plan.fix, as: as?.user }, 'Writing a change');
  const outcome = await deps.writer.write(plan.change, { dryRun: false, ...(as !== undefined && { as }) });
  if (outcome.status === 'unavailable' && outcome.written === 'maybe') return settlePlan(r, deps);
  if (outcome.status !== 'written') return meet(obstacleOf(outcome, plan, 'fail'), r, deps);
  return keep(r, outcome, deps);
}

/** A write that was made. */
async function keep(
  r: Remediation,
  { object }: Extract<WriteOutcome, { status: 'written' }>,
  deps: ApplyDeps,
): Promise<Settled> {
  if (!isAsWritten(object, r.plan.change.after))
    deps.log.warn({ plan: r.plan.id }, 'What was written is not what the dry run made');
  return recordWritten(r, object, deps);
}

function stopped(error: unknown): Obstacle {
  if (!(error instanceof SourceError)) throw error;
  const detail = `I cannot see any more whether changes are stopped: ${error.message}`;
  return { kind: 'step', step: (r, at) => fail(r, detail, at) };
}

const tooSlow: Obstacle = {
  kind: 'step',
  step: (r, at) => fail(r, 'too much time passed between the last check and the write. Ask for the fix again.', at),
};

function dryRunEntry(plan: Plan, at: string): AuditEntry {
  const { id, fix, target, digest } = plan;
  const says = `A dry run makes of ${describeChanged(plan.change)} what was shown.`;
  const about = { cluster: target.cluster, target: describeFixTarget(target), fix, plan: id };
  return { kind: 'dry-run', at, says, ...about, digest };
}
