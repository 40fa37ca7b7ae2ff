import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { HandlerDeps } from './handlers/deps.ts';
import type { CheckWatch } from './jobs/check.ts';
import type { DigestWatch } from './jobs/digests/digest.ts';
import type { FixWatch } from './jobs/fixes/deps.ts';

export interface Metrics {
  readonly registry: Registry;
  readonly handlers: HandlerDeps['watch'];
  readonly checks: CheckWatch;
  readonly fixes: FixWatch;
  readonly digests: DigestWatch;
  slackCall(method: string, outcome: string, seconds: number): void;
  refused(reason: string): void;
  taken(waitedSeconds: number): void;
  fixed(fix: string, outcome: string): void;
  /** Read when somebody asks for the metrics. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
}

/** What each process tells Prometheus. Names begin with `meshbot_`; no label holds a name from a cluster or a person. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: T[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <T extends string>(name: string, help: string, labelNames: T[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });

  const commands = counter('meshbot_commands_total', 'Commands and clicks, by topic and what became of them', [
    'topic',
    'outcome',
  ]);
  const refusals = counter('meshbot_refused_requests_total', 'Requests that did not prove to be from Slack', [
    'reason',
  ]);
  const ack = histogram(
    'meshbot_ack_seconds',
    'Time until Slack was told that a command arrived; more than 3 is lost',
    [],
    [0.01, 0.05, 0.1, 0.5, 1, 2, 3],
  );
  const answers = counter('meshbot_answers_total', 'Questions answered, by topic and verdict', ['topic', 'verdict']);
  const answering = histogram(
    'meshbot_answer_seconds',
    'Time to find an answer',
    ['topic'],
    [0.1, 0.5, 1, 2, 5, 10, 30, 60],
  );
  const waiting = histogram(
    'meshbot_queue_wait_seconds',
    'Time a question waited for a worker',
    [],
    [0.01, 0.1, 0.5, 1, 5, 30, 120, 600],
  );
  const missing = counter('meshbot_evidence_missing_total', 'Evidence that could not be had, by kind and reason', [
    'kind',
    'reason',
  ]);
  const collecting = histogram(
    'meshbot_evidence_seconds',
    'Time until evidence of a kind was there, or known to be missing',
    ['kind'],
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
  );
  const delays = counter('meshbot_deliveries_delayed_total', 'Deliveries put off, by reason', ['reason']);
  const lost = counter('meshbot_answers_undelivered_total', 'Answers that Slack never took', []);
  const plans = counter('meshbot_plans_total', 'Plans, by fix and each state that they came to', ['fix', 'state']);
  const fixed = counter(
    'meshbot_fixes_total',
    'Approved plans that the fixer took up, by fix and what became of them',
    ['fix', 'outcome'],
  );
  const digests = counter('meshbot_digests_total', 'Digests, by what became of them', ['outcome']);
  const calls = counter('meshbot_slack_calls_total', 'Calls to Slack, by method and outcome', ['method', 'outcome']);
  const callTime = histogram(
    'meshbot_slack_call_seconds',
    'Time of calls to Slack',
    ['method'],
    [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
  );

  return {
    registry,
    handlers: {
      command: (topic, outcome) => commands.inc({ topic, outcome }),
      acked: (seconds) => ack.observe(seconds),
    },
    checks: {
      answered(topic, verdict, seconds) {
        answers.inc({ topic, verdict });
        answering.observe({ topic }, seconds);
      },
      evidence(kind, outcome, seconds) {
        collecting.observe({ kind }, seconds);
        if (outcome !== 'collected') missing.inc({ kind, reason: outcome });
      },
      putOff: (reason) => delays.inc({ reason }),
      undelivered: () => lost.inc(),
    },
    fixes: {
      plan: (fix, state) => plans.inc({ fix, state }),
      putOff: (reason) => delays.inc({ reason }),
      undelivered: () => lost.inc(),
    },
    digests: {
      digest: (outcome) => digests.inc({ outcome }),
      putOff: (reason) => delays.inc({ reason }),
    },
    slackCall(method, outcome, seconds) {
      calls.inc({ method, outcome });
      callTime.observe({ method }, seconds);
    },
    refused: (reason) => refusals.inc({ reason }),
    taken: (seconds) => waiting.observe(seconds),
    fixed: (fix, outcome) => fixed.inc({ fix, outcome }),
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await Promise.resolve(read()).catch(() => Number.NaN));
        },
      });
    },
  };
}
