import type { EvidenceByKind, EvidenceKind } from './evidence.ts';
import type { Finding, Severity } from './finding.ts';
import type { Target } from './target.ts';

/** What a code means, and how it is said of one subject and of many; `{to}` stands for the observation's `to`. */
export interface CodeMeaning {
  readonly severity: Severity;
  readonly one: string;
  readonly many: string;
  /** What to do about it, where that is the same for every subject. */
  readonly next?: string;
  /**
   * What this is the cause of, as `check/code`: of the same subject, or decided by it. Declared only where that is so
   * whenever both are found.
   */
  readonly explains?: readonly string[];
  /**
   * It says of its subject only that nothing is known of it: whatever the check said before may still be so. A digest
   * calls nothing fixed for it.
   */
  readonly tellsNothing?: true;
}

/** A finding before the runner adds the check's id and what its code means. */
export type Observation<Code extends string> = Pick<Finding, 'subject'> &
  Partial<Pick<Finding, 'because' | 'detail' | 'fix' | 'next' | 'to' | 'toService'>> & { readonly code: Code };

/** When the evidence was taken: the "now" of a judgement. */
export interface Moment {
  /** RFC 3339. */
  readonly takenAt: string;
}

export interface Check<K extends EvidenceKind = EvidenceKind, Code extends string = string> {
  /** Noun phrase in kebab case; also the name of the file, the test and the page. */
  readonly id: string;
  readonly title: string;
  /** Only this evidence, and what it wants, reaches `evaluate`. If any of it is missing, the runner reports `unknown`. */
  readonly needs: readonly K[];
  /**
   * Evidence that sharpens the answer and is often not granted. If any of it is missing, the check is left out: the
   * answer stands without it, and the report says what was not seen.
   */
  readonly wants?: readonly K[];
  /**
   * Whether the cluster surely has what the check is about. Where it has not, an answer about a namespace leaves the
   * check out. Absent: every cluster has it.
   */
  isThere?(evidence: Pick<EvidenceByKind, K>): boolean;
  /** Everything this check can say. */
  readonly codes: Readonly<Record<Code, CodeMeaning>>;
  /** Pure and synchronous: no I/O, no clock, no logging. */
  evaluate(evidence: Pick<EvidenceByKind, K>, target: Target, moment: Moment): Iterable<Observation<Code>>;
}

/** Gives `evaluate` exactly the evidence that `needs` names, and only the codes declared. */
export function defineCheck<K extends EvidenceKind, Code extends string>(check: Check<K, Code>): Check {
  return check;
}
