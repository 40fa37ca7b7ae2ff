import type { RichTextElement } from '@slack/types';
import type { BotStatus, ClusterStatus, NeededScope, Pulse, Waiting } from '../model/bot-status.ts';
import type { Severity } from '../model/finding.ts';
import { bold, person, text, time } from './fix-parts.ts';
import { fixerProblems } from './status-fixer.ts';
import { overdueProblems, queueProblems } from './status-queues.ts';
import { workerProblems } from './status-worker.ts';
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

const askAgain = 'Ask again in a minute.';
const slowMs = 250;
const fullShare = 0.9;

/** What is wrong, in the order of what it stands on: Redis first, as without it nothing else is known. */
export function problemsIn(status: BotStatus): readonly Problem[] {
  return [
    ...redisProblems(status),
    ...slackProblems(status),
    ...freezeProblems(status),
    ...auditProblems(status),
    ...status.clusters.flatMap(({ name, found }) =>
      found.status === 'known' ? clusterProblems(name, found.value, status) : unseenCluster(name, found.why, status),
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
  if (granted.status === 'unknown') return [...closed, problem('unknown', granted.why, askAgain)];
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

function freezeProblems({ freeze, redis }: BotStatus): readonly Problem[] {
  if (freeze.status === 'unknown') {
    if (redis.status === 'unknown') return [];
    return [problem('unknown', `Whether all changes are stopped is not known. ${freeze.why}`, askAgain)];
  }
  if (freeze.value === undefined) return [];
  const { by, at, because } = freeze.value;
  const why = because === undefined ? [] : [`because: ${because}`];
  const says = [text('All changes are stopped by '), person(by), text(' since '), time(at)];
  return [{ severity: 'warning', says, details: why, next: '/mesh unfreeze lets them go on.' }];
}

function auditProblems({ audit, redis }: BotStatus): readonly Problem[] {
  if (audit.status === 'unknown') {
    return redis.status === 'unknown'
      ? []
      : [problem('unknown', `Whether the audit log holds: ${audit.why}`, askAgain)];
  }
  const { broken } = audit.value;
  if (broken === undefined) return [];
  const says = `The audit log is broken at record ${broken.at}. ${broken.why}`;
  return [problem('error', says, 'Stop all changes (/mesh freeze), and find out who writes to Redis: docs/audit.md.')];
}

/** Where the store is away, that is said once. */
function unseenCluster(name: string, why: string, { redis }: BotStatus): readonly Problem[] {
  if (redis.status === 'unknown') return [];
  return [{ severity: 'unknown', says: [bold(name), text(`: nothing is known. ${why}`)], next: askAgain }];
}

function clusterProblems(name: string, found: ClusterStatus, status: BotStatus): readonly Problem[] {
  const { worker, fixer, state, fixerState, questions, remedies, applies, digests } = found;
  const canFix = status.policy !== undefined;
  const ofFixer = fixer.alive ? fixerProblems(name, fixerState, status) : [away(name, 'fixer', fixer, [applies])];
  return [
    ...(worker.alive ? workerProblems(name, state, status) : [away(name, 'worker', worker, [questions, remedies])]),
    ...(canFix ? ofFixer : []),
    ...(worker.alive ? queueProblems(name, found, status) : []),
    ...overdueProblems(name, digests),
  ];
}

function away(name: string, what: 'worker' | 'fixer', { seenAt }: Pulse, waiting: readonly Waiting[]): Problem {
  const count = waiting.reduce((sum, one) => sum + one.count, 0);
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

function problem(severity: Problem['severity'], says: string, next: string): Problem {
  return { severity, says: [text(says)], next };
}
