import type { RichTextElement } from '@slack/types';
import type { BotStatus, ClusterStatus, NeededScope, Pulse, Waiting } from '../model/bot-status.ts';
import type { Severity } from '../model/finding.ts';
import type { LackedRight, WorkerState } from '../model/worker-state.ts';
import { bold, person, text, time } from './fix-parts.ts';
import { counted, seconds } from './words.ts';

/** Something that is wrong with the bot itself, or not known. */
export interface Problem {
  readonly severity: Exclude<Severity, 'info' | 'ok'>;
  readonly says: readonly RichTextElement[];
  /** Particulars, one a line. */
  readonly details?: readonly string[];
  /** What to do about it, as a sentence. */
  readonly next: string;
}

const slowMs = 250;
const fullShare = 0.9;
const longWaitMs = 60_000;
/** A worker speaks every five minutes. */
const silenceMs = 11 * 60_000;

/** What is wrong, in the order of what it stands on: Redis first, as without it nothing else is known. */
export function problemsIn(status: BotStatus): readonly Problem[] {
  return [
    ...redisProblems(status),
    ...slackProblems(status),
    ...freezeProblems(status),
    ...status.clusters.flatMap(({ name, found }) =>
      found.status === 'known' ? clusterProblems(name, found.value, status) : [],
    ),
  ];
}

function redisProblems({ redis }: BotStatus): readonly Problem[] {
  if (redis.status === 'unknown') {
    const next = 'See whether it runs (kubectl get pods -n meshbot), and whether REDIS_URL is right.';
    return [{ severity: 'error', says: [text(`${redis.why} No question is taken until it does.`)], next }];
  }
  const { latencyMs, server } = redis.value;
  const slow = `My store (Redis) is slow: it answers in ${seconds(latencyMs)}.`;
  const isFull =
    server.status === 'known' &&
    server.value.maxBytes > 0 &&
    server.value.usedBytes > server.value.maxBytes * fullShare;
  return [
    ...(latencyMs > slowMs
      ? [problem('warning', slow, 'See what else uses its node, and how far away it is from the bot.')]
      : []),
    ...(isFull ? [problem('warning', 'My store (Redis) is nearly full.', 'Give it more memory: maxmemory.')] : []),
  ];
}

function slackProblems({ slack: { mode, sockets, granted, needed } }: BotStatus): readonly Problem[] {
  const closed =
    mode === 'socket' && sockets === 0
      ? [problem('error', 'No socket to Slack is open.', 'See the bot’s log: it says why none can be opened.')]
      : [];
  if (granted.status === 'unknown') return [...closed, problem('unknown', granted.why, 'Ask again in a minute.')];
  const lacking = needed.filter(({ scope }) => !granted.value.includes(scope));
  const [hard, soft] = [
    lacking.filter(({ optional }) => optional !== true),
    lacking.filter(({ optional }) => optional),
  ];
  return [...closed, ...scopeProblem('error', hard), ...scopeProblem('warning', soft)];
}

function scopeProblem(severity: Problem['severity'], lacking: readonly NeededScope[]): readonly Problem[] {
  if (lacking.length === 0) return [];
  return [
    {
      severity,
      says: [text(`The Slack app lacks ${counted(lacking.length, 'scope')}.`)],
      details: lacking.map(({ scope, why }) => `${scope}: ${why}`),
      next: 'Paste deploy/slack-manifest.yaml into the app’s manifest, then install the app again.',
    },
  ];
}

function freezeProblems({ freeze }: BotStatus): readonly Problem[] {
  if (freeze.status === 'unknown' || freeze.value === undefined) return [];
  const { by, at, because } = freeze.value;
  const why = because === undefined ? [] : [`because: ${because}`];
  const says = [text('All changes are stopped by '), person(by), text(' since '), time(at)];
  return [{ severity: 'warning', says, details: why, next: '/mesh unfreeze lets them go on.' }];
}

function clusterProblems(name: string, found: ClusterStatus, status: BotStatus): readonly Problem[] {
  const { worker, fixer, state, questions, fixes } = found;
  const canFix = status.policy !== undefined;
  return [
    ...(worker.alive ? stateProblems(name, state, status) : [away(name, 'worker', worker, questions)]),
    ...(canFix && !fixer.alive ? [away(name, 'fixer', fixer, fixes)] : []),
    ...(worker.alive ? late(name, 'question', questions, status) : []),
    ...(canFix && worker.alive && fixer.alive ? late(name, 'fix', fixes, status) : []),
  ];
}

function away(name: string, what: 'worker' | 'fixer', { seenAt }: Pulse, { count }: Waiting): Problem {
  const jobs = counted(count, what === 'worker' ? 'question' : 'job');
  const waits = count === 0 ? [] : [text(`; ${jobs} ${count === 1 ? 'waits' : 'wait'}`)];
  const since = seenAt === undefined ? [text(' has ever been seen')] : [text(' has been seen since '), time(seenAt)];
  const look = `kubectl get pods -n meshbot -l app.kubernetes.io/component=${what}`;
  const install = what === 'worker' ? 'docs/install/kubernetes.md' : 'deploy/fixes/fixer';
  return {
    severity: what === 'worker' ? 'error' : 'warning',
    says: [bold(name), text(`: no ${what}`), ...since, ...waits],
    next:
      seenAt === undefined
        ? `Install it: ${install}. Its CLUSTER must be ${name}.`
        : `See why it does not run: ${look}.`,
  };
}

function stateProblems(
  name: string,
  state: WorkerState | undefined,
  { at, release, policy }: BotStatus,
): readonly Problem[] {
  const own = (severity: Problem['severity'], says: string, next: string, details?: readonly string[]): Problem => ({
    severity,
    says: [bold(name), text(`: ${says}`)],
    next,
    ...(details !== undefined && { details }),
  });
  if (state === undefined || Date.parse(at) - Date.parse(state.at) > silenceMs) {
    const next = 'Ask again in five minutes. If it stays so, look for “not told” in its log.';
    return [own('unknown', 'its worker does not say which rights and which version it has.', next)];
  }
  const { rights } = state;
  return [
    ...(state.release === release
      ? []
      : [
          own(
            'warning',
            `its worker is ${state.release}, I am ${release}.`,
            'Bring both to one version: docs/upgrade.md.',
          ),
        ]),
    ...(state.policy === policy
      ? []
      : [
          own(
            'warning',
            'its worker follows another policy than I do.',
            'Mount the same policy for both, and restart them: docs/policy.md.',
          ),
        ]),
    ...(rights?.status === 'unknown'
      ? [
          own('unknown', 'which rights its worker has is not known.', 'See whether the API server answers it.', [
            rights.why,
          ]),
        ]
      : []),
    ...(rights?.status === 'known' && rights.lacks.length > 0
      ? [
          own(
            'warning',
            `${rights.account} lacks ${counted(rights.lacks.length, 'right')}.`,
            grantsOf(rights.lacks),
            byEvidence(rights.lacks),
          ),
        ]
      : []),
  ];
}

/** `peerAuthentications: list peerauthentications.security.istio.io`. */
function byEvidence(lacks: readonly LackedRight[]): readonly string[] {
  const kinds = [...new Set(lacks.flatMap(({ evidence }) => evidence))].toSorted();
  return kinds.map(
    (kind) =>
      `no ${kind} without: ${lacks
        .filter((one) => one.evidence.includes(kind))
        .map(({ right }) => right)
        .join(', ')}`,
  );
}

function grantsOf(lacks: readonly LackedRight[]): string {
  return `Ask an admin to grant it: ${[...new Set(lacks.map(({ grant }) => grant))].join(', ')}.`;
}

function late(name: string, what: string, { since }: Waiting, { at }: BotStatus): readonly Problem[] {
  if (since === undefined || Date.parse(at) - Date.parse(since) < longWaitMs) return [];
  const says = [bold(name), text(`: the oldest ${what} waits since `), time(since)];
  return [{ severity: 'warning', says, next: 'Give the worker more room (WORKER_CONCURRENCY), or run another one.' }];
}

function problem(severity: Problem['severity'], says: string, next: string): Problem {
  return { severity, says: [text(says)], next };
}
