import type { Refusal } from '../../model/fix.ts';
import { ruleOf } from '../../model/policy-decisions.ts';
import { isSettled, type Remediation } from '../../model/remediation.ts';
import { UsageError } from '../../model/sources.ts';
import { refusalFile, refusalMessage } from '../../report/fix-messages.ts';
import { planningMessage, withLink } from '../../report/planning.ts';
import { attach } from '../attach.ts';
import { Interrupted, type Run } from '../check.ts';
import { type Delivery, deliveryOf } from '../delivery.ts';
import type { DeliveryRecord } from '../records.ts';
import { type Settled, settle } from '../settle.ts';
import type { FixDeps } from './deps.ts';
import { makePlan } from './make-plan.ts';
import { offer, requestUnder } from './offer.ts';
import { proposeUndo } from './propose-undo.ts';
import type { ProposeJob } from './queue.ts';
import { recordRefusal } from './record-refusal.ts';
import { UnreadableRemediation } from './remediations.ts';

/** Why nothing new is proposed, and where to look instead. */
type Refused = Refusal & { readonly link?: string };

const maxStalled = 5;
const lockedMs = 500;

/** Answers a request for a fix: by a plan, or by one message that says why there is none. */
export async function runPropose(job: ProposeJob, deps: FixDeps, run: Run): Promise<Settled> {
  const record = await deps.records.open(job.requestId);
  if (record.finished) return { status: 'done' };
  try {
    const outcome = await deps.withLock(lockName(job), () => answerRequest(job, record, deps, run));
    if (outcome === 'locked') return { status: 'later', delayMs: lockedMs };
    await deps.records.finish(job.requestId);
    return { status: 'done' };
  } catch (error) {
    return settle(error, job, record, deps);
  }
}

/** Two people who ask for the same at once get one plan. */
function lockName({ fix, target: { cluster, namespace = '', name = '' }, undoOf }: ProposeJob): string {
  return undoOf === undefined ? `propose-${cluster}-${fix}-${namespace}-${name}` : `undo-${undoOf}`;
}

async function answerRequest(job: ProposeJob, record: DeliveryRecord, deps: FixDeps, run: Run): Promise<void> {
  const delivery = deliveryOf(job, record, deps);
  const original = job.undoOf === undefined ? undefined : await deps.remediations.load(job.undoOf);
  const thread = original?.card?.ts;
  const anchor = job.undoOf === undefined ? await delivery.post('anchor', planningMessage(job)) : undefined;
  const refusal = await safely(job, deps, run, async () => {
    if (record.direct !== undefined) return { refused: `Nobody could approve it here. ${record.direct.why}` };
    return job.undoOf === undefined ? proposeFix(job, deps, run) : proposeUndo(job, original, deps, run.signal);
  });
  await run.release();
  if (refusal === undefined) return;
  deps.watch.plan(job.fix, 'not-planned');
  deps.log.info({ fix: job.fix, target: job.target, refused: refusal.refused }, 'No plan');
  await recordRefusal(refusal.refused, job, record, deps);
  await refuse(refusal, job, { delivery, ...(anchor !== undefined && { anchor }), ...(thread && { thread }) }, deps);
}

interface Where {
  readonly delivery: Delivery;
  /** The message to be replaced, where there is one. */
  readonly anchor?: string;
  readonly thread?: string;
}

async function refuse(refusal: Refused, job: ProposeJob, where: Where, deps: FixDeps): Promise<void> {
  const { delivery, anchor, thread } = where;
  const said = refusalMessage(refusal, job);
  const message = refusal.link === undefined ? said : withLink(said, 'Open the card', refusal.link);
  const root =
    anchor === undefined ? await delivery.post('refusal', message, thread) : await delivery.conclude(anchor, message);
  const file = refusalFile(refusal, job);
  if (file !== undefined) await attach(delivery, file, thread ?? root, deps.log);
}

/** Whatever breaks in here is told to whoever asked, and the job is over. */
async function safely(
  job: ProposeJob,
  deps: FixDeps,
  run: Run,
  work: () => Promise<Refused | undefined>,
): Promise<Refused | undefined> {
  const next = `Ask again; if it stays so, give an admin the reference ${job.requestId}.`;
  if (run.stalled > maxStalled) {
    deps.log.error({ stalled: run.stalled }, 'Giving up a fix that stops its workers');
    return { refused: `My worker was stopped ${run.stalled} times while it planned this.`, next };
  }
  if (job.target.cluster !== deps.cluster) {
    deps.log.error({ target: job.target }, 'A fix of another cluster came to this worker');
    return { refused: `This came to the worker of ${deps.cluster}, not of ${job.target.cluster}.`, next };
  }
  try {
    return await work();
  } catch (error) {
    if (run.signal.aborted) throw new Interrupted('The worker is stopping', { cause: error });
    if (error instanceof UsageError) return { refused: error.message };
    deps.log.error({ error }, 'A fix could not be planned');
    return { refused: 'I could not plan this: something in me broke.', next };
  }
}

async function proposeFix(job: ProposeJob, deps: FixDeps, { signal }: Run): Promise<Refused | undefined> {
  const { requestId: id, target, requestedBy, requestedAt, channel } = job;
  if ((await deps.remediations.load(id)) !== undefined) return void (await deps.queues.wake(deps.cluster, id));
  const fix = deps.fixOf(job.fix);
  const rule = ruleOf(deps.policy, { fix: fix.id, target });
  if ('allowed' in rule) return { refused: rule.why };
  const twin = await openTwin(job, deps);
  if (twin !== undefined) return pointTo(twin, deps);
  const request = requestUnder(rule, { id, target, requestedBy, requestedAt, channel }, deps);
  const made = await makePlan(fix, request, deps.sources, { signal });
  if (made.status !== 'planned') return made.refusal;
  await offer(made.plan, deps);
  return undefined;
}

/** The same fix of the same target, on its way already. */
async function openTwin({ fix, target }: ProposeJob, { remediations, cluster, log }: FixDeps) {
  for (const id of await remediations.open(cluster)) {
    const r = await remediations.load(id).catch((error: unknown) => {
      // One of another version must not stop every other fix.
      if (!(error instanceof UnreadableRemediation)) throw error;
      log.warn({ error, plan: id }, 'A plan cannot be read');
      return undefined;
    });
    if (r === undefined || isSettled(r) || r.plan.undoOf !== undefined || r.plan.fix !== fix) continue;
    if (r.plan.target.namespace === target.namespace && r.plan.target.name === target.name) return r;
  }
  return undefined;
}

async function pointTo({ plan, card }: Remediation, { messenger }: FixDeps): Promise<Refused> {
  const found = card === undefined ? undefined : await messenger.permalink(card.channel, card.ts);
  return {
    refused: `This is on its way already: plan ${plan.id.slice(0, 8)}.`,
    next: 'Decide it on its card.',
    ...(found?.ok === true && { link: found.url }),
  };
}
