import type { BotStatus } from '../model/bot-status.ts';
import type { LackedRight, WorkerState } from '../model/worker-state.ts';
import { bold, text, time } from './fix-parts.ts';
import type { Problem } from './status-problems.ts';
import { counted } from './words.ts';

/** A worker speaks every five minutes. */
const silenceMs = 11 * 60_000;

/** What is wrong with a worker that is there, by what it says of itself. */
export function workerProblems(
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
    ...slackProblems(name, state),
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
            byFeature(rights.lacks),
          ),
        ]
      : []),
    ...(state.metrics?.why === undefined
      ? []
      : [own('warning', `its worker gets no answer of ${state.metrics.source}.`, withoutMetrics, [state.metrics.why])]),
  ];
}

const withoutMetrics = 'Until it does, answers say nothing of what was seen on the wire: see PROMETHEUS_URL.';

/** Without Slack nobody gets an answer, however good the rest is. */
function slackProblems(name: string, { slack }: WorkerState): readonly Problem[] {
  const problem = (severity: Problem['severity'], says: Problem['says'], next: string): readonly Problem[] => [
    { severity, says: [bold(name), ...says], next },
  ];
  if (slack === undefined)
    return problem('unknown', [text(': whether its worker reaches Slack is not known.')], 'Ask again in five minutes.');
  if (slack.code === undefined) return [];
  const says = [text(`: its worker cannot deliver. Slack said ${slack.code} at `), time(slack.at)];
  const isToken = /auth|token|account|revoked/.test(slack.code);
  const next = isToken
    ? 'Give it a bot token that is good (SLACK_BOT_TOKEN), and restart it.'
    : 'See the log of its worker: “Delivery put off” says what Slack answers.';
  return problem('error', says, next);
}

/** `no peerAuthentications without: list peerauthentications.security.istio.io`. */
function byFeature(lacks: readonly LackedRight[]): readonly string[] {
  const features = Map.groupBy(
    lacks.flatMap(({ right, evidence, fixes = [] }) => [
      ...fixes.map((id) => ({ right, feature: `plan of ${id}` })),
      ...evidence.map((kind) => ({ right, feature: kind })),
    ]),
    ({ feature }) => feature,
  );
  return Array.from(
    features,
    ([feature, all]) => `no ${feature} without: ${all.map(({ right }) => right).join(', ')}`,
  ).toSorted();
}

function grantsOf(lacks: readonly LackedRight[]): string {
  return `Ask an admin to grant it: ${[...new Set(lacks.map(({ grant }) => grant))].join(', ')}.`;
}
