import type { Check } from './check.ts';
import type { EvidenceByKind, EvidenceKind } from './evidence.ts';
import type { Report } from './report.ts';
import type { Target } from './target.ts';

/** The facts a topic shows as a table besides its findings. */
export type Facts = Pick<Report, 'demands' | 'connections'>;

/** The word a user types: a set of checks, and how its answer is said. */
export interface Topic<K extends EvidenceKind = EvidenceKind> {
  readonly id: string;
  readonly title: string;
  /** What it answers, as a question. */
  readonly question: string;
  /** Whether it is asked of a namespace, or of the cluster as a whole, which takes no name. */
  readonly scope: 'namespace' | 'cluster';
  readonly checks: readonly Check[];
  /** What is said where every finding is good, of `bookinfo`: never more than was looked at. */
  readonly allWell: (place: string, coverage: Report['coverage']) => string;
  /** Said before what is wrong, of `bookinfo`; absent: that speaks for itself. */
  readonly notWell?: (place: string) => string;
  /** What is said where nothing worse than an unknown was found. */
  readonly cannotTell: (place: string) => string;
  /** Evidence that the facts need; without it there is no table. */
  readonly needs: readonly K[];
  /** Evidence that the facts show where it is there. */
  readonly wants?: readonly EvidenceKind[];
  readonly facts: (evidence: Pick<EvidenceByKind, K>, target: Target, also: Partial<EvidenceByKind>) => Facts;
}

export function defineTopic<K extends EvidenceKind>(topic: Topic<K>): Topic {
  return topic as unknown as Topic;
}
