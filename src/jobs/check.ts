import type { Snapshot } from '../model/evidence.ts';
import type { Severity } from '../model/finding.ts';
import type { FixRequest } from '../model/fix.ts';
import type { Log } from '../model/log.ts';
import type { Question } from '../model/question.ts';
import { type Sources, UsageError } from '../model/sources.ts';
import { placeOf } from '../model/target.ts';
import { anchorMessage } from '../report/slack.ts';
import type { Answer, AnswerOptions } from './answer.ts';
import { type Asks, rootId } from './asks.ts';
import { attach } from './attach.ts';
import { deliveryOf } from './delivery.ts';
import type { Messenger } from './messenger.ts';
import type { Mutes } from './mutes.ts';
import type { Names } from './names.ts';
import { notesOn } from './notes.ts';
import { offersOf } from './offers.ts';
import { progressReporter } from './progress.ts';
import type { CheckJob } from './queue.ts';
import type { DeliveryRecord, DeliveryRecords, Result } from './records.ts';
import { render } from './render.ts';
import { type Settled, settle } from './settle.ts';

export interface CheckDeps {
  /** The cluster whose questions are answered here. */
  readonly cluster: string;
  readonly answer: (
    question: Question,
    sources: Sources,
    options: AnswerOptions,
  ) => Promise<Pick<Answer, 'report'> & Partial<Answer>>;
  readonly sources: Sources;
  readonly messenger: Messenger;
  readonly records: DeliveryRecords;
  readonly asks: Asks;
  readonly names: Pick<Names, 'learn'>;
  readonly mutes: Pick<Mutes, 'list'>;
  readonly log: Log;
  readonly watch: CheckWatch;
  readonly now: () => Date;
  readonly progressEveryMs: number;
  /** Whether the policy knows of this fix there: others are no use to offer. */
  readonly isOffered: (request: FixRequest) => boolean;
}

/** What is counted. */
export interface CheckWatch {
  answered(topic: string, verdict: Severity | 'usage' | 'failed', seconds: number): void;
  evidence(kind: string, outcome: string, seconds: number): void;
  putOff(reason: string): void;
  undelivered(): void;
}

/** How this job came to be run. */
export interface Run {
  /** How often a worker died, or lost Redis for long, while it had this job. */
  readonly stalled: number;
  /** Aborted when the worker has to stop: the job goes back and another worker goes on. */
  readonly signal: AbortSignal;
  /** The verdict is out: who asks the same from now on gets a new answer. */
  readonly release: () => Promise<void>;
}

/** The worker has to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

const maxStalled = 5;

/** Answers one question in Slack, going on from wherever an earlier run came to. */
export async function runCheck(job: CheckJob, deps: CheckDeps, run: Run): Promise<Settled> {
  const record = await deps.records.open(job.requestId);
  if (record.finished) return { status: 'done' };
  try {
    await deliver(job, record, deps, run);
    await deps.records.finish(job.requestId);
    return { status: 'done' };
  } catch (error) {
    return settle(error, job, record, deps);
  }
}

async function deliver(job: CheckJob, record: DeliveryRecord, deps: CheckDeps, run: Run): Promise<void> {
  const delivery = deliveryOf(job, record, deps);
  const anchor = await delivery.post('anchor', anchorMessage(job));
  let certain = true;
  const result =
    record.result ??
    (await answerOnce(job, deps, run, async (progress) => {
      certain = (await delivery.tryReplace('anchor', anchor, anchorMessage(job, progress))) && certain;
    }));
  const { verdict, evidence, file } = render(job, result, await notesOn(result, record, deps), deps);
  // Known before people see the answer: they may ask again at once.
  await keepRoot(job, anchor, record, deps);
  const root = await delivery.conclude(anchor, verdict);
  if (root !== anchor) await keepRoot(job, root, record, deps);
  await run.release();
  for (const [index, message] of evidence.entries()) await delivery.post(`evidence-${index + 1}`, message, root);
  if (file !== undefined) await attach(delivery, file, root, deps.log);
  // A progress update that was given up may have reached Slack after the verdict.
  if (!certain) await delivery.replace('anchor', root, verdict);
}

/** Finds the result and keeps it, so that no later run has to. */
async function answerOnce(
  job: CheckJob,
  deps: CheckDeps,
  run: Run,
  onProgress: Parameters<typeof progressReporter>[0],
) {
  const begun = performance.now();
  const reporter = progressReporter(onProgress, deps.progressEveryMs);
  let result: Result;
  try {
    const { report: onProgress } = reporter;
    result = await resultOf(job, deps, run, { signal: run.signal, onProgress, onEvidence: deps.watch.evidence });
  } finally {
    await reporter.stop();
  }
  await saveAsks(job, result, deps);
  await deps.records.setResult(job.requestId, result);
  const seconds = (performance.now() - begun) / 1000;
  const verdict = result.kind === 'report' ? result.report.verdict : result.kind;
  deps.watch.answered(job.topic, verdict, seconds);
  deps.log.info({ topic: job.topic, target: job.target, verdict, seconds }, 'Answered');
  return result;
}

/** What the buttons of the verdict stand for. */
async function saveAsks(
  { requestId, command, channel, requestedBy: { team } }: CheckJob,
  result: Result,
  deps: CheckDeps,
) {
  await deps.asks.save(requestId, { command, channel, team });
  const offers = result.kind === 'report' ? offersOf(result.report, requestId, deps.isOffered) : [];
  for (const offer of offers) await deps.asks.save(offer.id, { command: offer.command, channel, team });
}

/** What asking again in the thread of the answer stands for. */
async function keepRoot(
  { command, channel: asked, requestedBy: { team } }: CheckJob,
  root: string,
  { direct }: DeliveryRecord,
  { asks }: CheckDeps,
): Promise<void> {
  const channel = direct?.channel ?? asked;
  await asks.save(rootId(channel, root), { command, channel, team });
}

/** For suggestions: the answer stands without. */
async function learn(snapshot: Snapshot | undefined, { names, log }: CheckDeps): Promise<void> {
  try {
    if (snapshot !== undefined) await names.learn(snapshot);
  } catch (error) {
    log.warn({ error }, 'Names were not remembered');
  }
}

async function resultOf(job: CheckJob, deps: CheckDeps, run: Run, options: AnswerOptions): Promise<Result> {
  const begun = performance.now();
  const { topic, target, requestId } = job;
  const place = placeOf(target);
  if (run.stalled > maxStalled) {
    deps.log.error({ stalled: run.stalled }, 'Giving up a question that stops its workers');
    return failed(
      `I could not look at ${topic} in ${place}: my worker was stopped ${run.stalled} times while it tried.`,
      requestId,
    );
  }
  if (target.cluster !== deps.cluster) {
    deps.log.error({ target }, 'A question about another cluster came to this worker');
    return failed(
      `I could not look at ${place}: the question about ${target.cluster} came to the worker of ${deps.cluster}.`,
      requestId,
    );
  }
  try {
    const { report, snapshot } = await deps.answer({ topic, target }, deps.sources, options);
    await learn(snapshot, deps);
    return { kind: 'report', report, tookMs: Math.round(performance.now() - begun) };
  } catch (error) {
    if (run.signal.aborted) throw new Interrupted('The worker is stopping', { cause: error });
    if (error instanceof UsageError) return { kind: 'usage', text: error.message };
    deps.log.error({ error }, 'A question could not be answered');
    return failed(`I could not look at ${topic} in ${place}: something in me broke.`, requestId);
  }
}

function failed(what: string, requestId: string): Result {
  return { kind: 'failed', text: `${what} Ask again; if it stays so, give an admin the reference ${requestId}.` };
}
