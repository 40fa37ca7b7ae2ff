import type { BotStatus } from '../model/bot-status.ts';
import type { LackedRight, WorkerState } from '../model/worker-state.ts';
import { bold, text } from './fix-parts.ts';
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
