import type { Digest, Gap } from '../model/digest.ts';
import type { Report } from '../model/report.ts';
import type { Target } from '../model/target.ts';
import { type Lack, lacksIn, placeIn, placeOf } from './lacks.ts';
import type { Run } from './run.ts';
import { unanswered } from './sight.ts';
import { type DigestState, mostGaps } from './state.ts';

/** How far a run looked. */
export interface LookedSoFar {
  readonly looked: Digest['looked'];
  /** For the next run: since when which evidence has been lacking. */
  readonly kept: NonNullable<DigestState['gaps']>;
  /** How many gaps were seen to have closed. */
  readonly closed: number;
  readonly isChanged: boolean;
}

/** What was answered, and what the answers stand without. */
export function lookedOf(state: DigestState, run: Run, answers: ReadonlyMap<string, Report>): LookedSoFar {
  const before = state.gaps ?? {};
  const reports = [...answers.values()];
  const lacks = lacksOf(reports);
  const doubtful = new Set(unanswered(run, answers).map(({ question }) => placeOf(question.target)));
  const asked = new Set(run.asked.map(({ target }) => placeOf(target)));
  const isOpen = (id: string) => lacks.has(id) || doubtful.has(placeIn(id));
  // What was not looked at is neither closed nor told anew when it is looked at again.
  const carried = Object.keys(before).filter((id) => !lacks.has(id) && doubtful.has(placeIn(id)));
  const closed = Object.keys(before).filter((id) => !isOpen(id) && asked.has(placeIn(id))).length;
  const opened = [...lacks.keys()].filter((id) => !(id in before)).length;
  const kept = [...lacks.keys(), ...carried].map((id) => [id, before[id] ?? run.at] as const);
  return {
    looked: {
      reports: reports.length,
      checks: reports.reduce((sum, { findings }) => sum + new Set(findings.map(({ check }) => check)).size, 0),
      gaps: untold(lacks, reports).map(({ lack: { id, says, next }, target }): Gap => {
        return { target, says, since: before[id] ?? run.at, ...(next !== undefined && { next }) };
      }),
    },
    kept: Object.fromEntries(kept.toSorted(([a], [b]) => a.localeCompare(b))),
    closed,
    isChanged: state.gaps !== undefined && closed + opened > 0,
  };
}

interface Lacking {
  readonly lack: Lack;
  readonly target: Target;
}

function lacksOf(reports: readonly Report[]): ReadonlyMap<string, Lacking> {
  const all = reports.flatMap(({ coverage, target }) =>
    coverage.flatMap((one) => lacksIn(one, target)).map((lack) => [lack.id, { lack, target }] as const),
  );
  return new Map([...new Map(all)].toSorted(([a], [b]) => a.localeCompare(b)).slice(0, mostGaps));
}

/** Those that no finding says already. */
function untold(lacks: ReadonlyMap<string, Lacking>, reports: readonly Report[]): readonly Lacking[] {
  const key = (target: Target, says: string) => `${placeOf(target)} ${says}`;
  const said = new Set(
    reports.flatMap(({ findings, target }) =>
      findings.filter(({ severity }) => severity === 'unknown').map(({ says }) => key(target, says.one)),
    ),
  );
  return [...lacks.values()].filter(({ lack, target }) => !said.has(key(target, lack.says)));
}
