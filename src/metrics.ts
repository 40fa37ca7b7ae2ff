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
  /** Read when somebody asks for the metrics. Absent where it cannot be read within two seconds. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** The same for several values at once, each with its labels. */
  gauges<L extends string>(name: string, help: string, labels: readonly L[], read: () => Promise<Values<L>>): void;
}

export type Values<L extends string> = readonly {
  readonly labels: Readonly<Record<L, string>>;
  readonly value: number;
}[];

const gaugePatienceMs = 2_000;

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
  // Without labels they begin at 0: an increase by the first question counts.
  const asked = counter('meshbot_questions_asked_total', 'Questions that were queued', []);
  const answered = counter('meshbot_questions_answered_total', 'Questions to which an answer was found', []);
  const fixesAsked = counter('meshbot_fixes_asked_total', 'Fixes that were asked for and queued', []);
  const fixesPlanned = counter(
    'meshbot_fixes_planned_total',
    'Fixes that were asked for and got a plan, or the reason why there is none',
    [],
  );
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
      command(topic, outcome) {
        commands.inc({ topic, outcome });
        if (outcome === 'queued') (topic === 'fix' ? fixesAsked : asked).inc();
      },
      acked: (seconds) => ack.observe(seconds),
    },
    checks: {
      answered(topic, verdict, seconds) {
        answers.inc({ topic, verdict });
        answered.inc();
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
      plan(fix, state) {
        plans.inc({ fix, state });
        if (state === 'proposed' || state === 'not-planned') fixesPlanned.inc();
      },
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
      addGauge(registry, { name, help, labels: [] }, async () => [{ labels: {}, value: await read() }]);
    },
    gauges(name, help, labels, read) {
      addGauge(registry, { name, help, labels }, read);
    },
  };
}

interface GaugeNames<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
}

function addGauge<L extends string>(
  registry: Registry,
  { name, help, labels: labelNames }: GaugeNames<L>,
  read: () => Promise<Values<L>>,
): void {
  const readInTime = inTime(read, gaugePatienceMs);
  const gauge = new Gauge<L>({
    ...{ name, help, labelNames: [...labelNames] },
    registers: [registry],
    async collect() {
      const values = await readInTime();
      this.reset();
      // A gauge without labels begins at 0: nothing is known of it yet.
      if (labelNames.length === 0) this.remove();
      for (const { labels, value } of values) this.set(labels, value);
    },
  });
  if (labelNames.length === 0) gauge.remove();
}

/** Nothing where it fails or takes too long. While it is under way, who asks again waits for the same. */
function inTime<T>(read: () => Promise<readonly T[]>, timeoutMs: number): () => Promise<readonly T[]> {
  let reading: Promise<readonly T[]> | undefined;
  return async () => {
    const late = Promise.withResolvers<readonly T[]>();
    const timer = setTimeout(() => late.resolve([]), timeoutMs);
    reading ??= read()
      .catch(() => [])
      .finally(() => (reading = undefined));
    try {
      return await Promise.race([reading, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  };
}
