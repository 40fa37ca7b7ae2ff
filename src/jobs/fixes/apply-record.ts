import { describeChanged } from '../../model/fix.ts';
import type { Transition } from '../../model/life.ts';
import { wrote } from '../../model/life.ts';
import type { Plan, Remediation } from '../../model/remediation.ts';
import { type KubeObject, SourceError } from '../../model/sources.ts';
import type { Settled } from '../settle.ts';
import type { ApplyDeps, Obstacle } from './apply-deps.ts';

const laterMs = 5_000;
const done: Settled = { status: 'done' };
export const later: Settled = { status: 'later', delayMs: laterMs };

/** Records that the change is made, as the object tells. */
export async function recordWritten(r: Remediation, object: KubeObject | null, deps: ApplyDeps): Promise<Settled> {
  const { plan, writeAs } = r;
  const at = deps.now();
  const { uid, resourceVersion } = object?.metadata ?? {};
  const written = {
    at: at.toISOString(),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(writeAs !== undefined && { as: writeAs.user }),
  };
  const until = new Date(at.getTime() + deps.fixOf(plan.fix).verify.withinSeconds * 1000).toISOString();
  await take(r, (current) => wrote(current, written, until, written.at), deps);
  await note(plan, object, deps);
  return done;
}

async function note(plan: Plan, object: KubeObject | null, { writer, log }: ApplyDeps): Promise<void> {
  const change = { ...plan.change, ...(object !== null && { after: object }) };
  const reason = plan.undoOf === undefined ? 'MeshbotApplied' : 'MeshbotUndid';
  const message = `${plan.title} (plan ${plan.id}, asked for by ${plan.requestedBy.user} in Slack).`;
  try {
    await writer.note(change, { reason, message });
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    log.warn({ error, plan: plan.id }, 'No Event on the object');
  }
}

/** Takes the step that an obstacle asks for, or puts it off. */
export async function meet(obstacle: Obstacle, r: Remediation, deps: ApplyDeps): Promise<Settled> {
  if (obstacle.kind === 'later') {
    deps.log.warn({ plan: r.plan.id, why: obstacle.why }, 'A change waits for the cluster');
    return later;
  }
  const at = deps.now().toISOString();
  await take(r, (current) => obstacle.step(current, at), deps);
  return done;
}

async function take(
  { plan, version, state }: Remediation,
  step: (current: Remediation) => Transition,
  deps: ApplyDeps,
): Promise<void> {
  const changed = await deps.remediations.change(plan.id, (current) =>
    current.state === state && current.version === version ? step(current) : undefined,
  );
  if (changed.status !== 'changed') return;
  const { remediation } = changed;
  const became = remediation.state === 'closed' ? remediation.why : remediation.state;
  if (became !== 'approved') deps.onSettled(plan.fix, became);
  deps.log.info({ plan: plan.id, fix: plan.fix, object: describeChanged(plan.change), became }, 'A change moved on');
  // The worker sweeps; this only makes it quick.
  await deps.wake(plan.id).catch((error: unknown) => deps.log.warn({ error }, 'The worker is not woken'));
}
