import type { BotStatus } from '../model/bot-status.ts';
import type { FixerState, FixRightsState } from '../model/fixer-state.ts';
import { bold, text } from './fix-parts.ts';
import type { Problem } from './status-problems.ts';
import { counted } from './words.ts';

/** A fixer speaks every minute. */
const silenceMs = 3 * 60_000;
const samePolicy = 'Mount the same policy for both; the bot reads it when it starts, so restart it: docs/policy.md.';

/** What is wrong with a fixer that is there, by what it says of itself. */
export function fixerProblems(
  name: string,
  state: FixerState | undefined,
  { at, release, policy }: BotStatus,
): readonly Problem[] {
  const own = ownOf(name);
  if (state === undefined || Date.parse(at) - Date.parse(state.at) > silenceMs) {
    const next = 'Ask again in a minute. If it stays so, look for “not told” in its log.';
    return [own('unknown', 'its fixer does not say how it is.', next)];
  }
  const isOther = state.policy.status === 'known' && state.policy.value !== policy;
  return [
    ...(state.release === release
      ? []
      : [
          own(
            'warning',
            `its fixer is ${state.release}, I am ${release}.`,
            'Bring both to one version: docs/upgrade.md.',
          ),
        ]),
    ...(isOther ? [own('warning', 'its fixer follows another policy than I do.', samePolicy)] : []),
    ...(state.policy.status === 'unknown'
      ? [
          own('error', 'its fixer cannot follow its policy, so it applies nothing.', 'Mend the policy file.', [
            state.policy.why,
          ]),
        ]
      : []),
    ...freezeProblems(own, state.freeze),
    ...rightsProblems(own, state.rights),
  ];
}

type Own = (severity: Problem['severity'], says: string, next: string, details?: readonly string[]) => Problem;

function ownOf(name: string): Own {
  return (severity, says, next, details) => ({
    severity,
    says: [bold(name), text(`: ${says}`)],
    next,
    ...(details !== undefined && { details }),
  });
}

function freezeProblems(own: Own, freeze: FixerState['freeze']): readonly Problem[] {
  if (freeze === undefined) return [];
  if (freeze.status === 'unknown') {
    const next = 'Let it read the ConfigMap of FREEZE_CONFIGMAP: deploy/fixes/fixer.';
    return [
      own('error', 'its fixer cannot see whether changes are stopped, so it applies nothing.', next, [freeze.why]),
    ];
  }
  const { because } = freeze.value;
  if (because === undefined) return [];
  const next = 'They go on once the ConfigMap of FREEZE_CONFIGMAP is gone, or says frozen: "false".';
  return [own('warning', 'all changes there are stopped by a ConfigMap.', next, [`because: ${because}`])];
}

function rightsProblems(own: Own, rights: FixerState['rights']): readonly Problem[] {
  if (rights === undefined) return [];
  if (rights.status === 'unknown') {
    const next = 'See whether the API server answers it.';
    return [own('unknown', 'which rights its fixer has is not known.', next, [rights.why])];
  }
  return rights.value.filter(isLacking).map((one) => {
    const { fix, grant, lacks } = one;
    const details = lacks.map(({ namespace, rights: all }) =>
      namespace === undefined ? all.join(', ') : `${namespace}: ${all.join(', ')}`,
    );
    const next = `Where it shall be applied, ask an admin for: ${grant}. Else take it out of the policy.`;
    return own('warning', `its fixer lacks rights of ${fix}${placesOf(one)}.`, next, details);
  });
}

/** A `*` in the policy is no promise for each namespace: it is lacking where the policy names one, or where none has it. */
function isLacking({ lacks, asked }: FixRightsState): boolean {
  return lacks.some(({ isNamed }) => isNamed) || (asked > 0 && lacks.length === asked);
}

function placesOf({ lacks, asked }: FixRightsState): string {
  if (lacks.some(({ namespace }) => namespace === undefined)) return '';
  return ` in ${lacks.length} of ${counted(asked, 'namespace')}`;
}

/** `require-mtls may be applied in 3 of 12 namespaces (kubectl apply …)`. Nothing where it has all its rights. */
export function fixerFacts(state: FixerState | undefined): readonly string[] {
  if (state?.rights?.status !== 'known') return [];
  return state.rights.value
    .filter((one) => one.lacks.length > 0 && !isLacking(one))
    .map(({ fix, asked, lacks, grant }) => {
      return `${fix} may be applied in ${asked - lacks.length} of ${counted(asked, 'namespace')} (else ${grant})`;
    });
}
