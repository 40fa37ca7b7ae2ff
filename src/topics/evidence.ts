import type { Check } from '../model/check.ts';
import type { EvidenceKind } from '../model/evidence.ts';
import type { Topic } from '../model/topic.ts';

/** Every kind of evidence that a topic needs or wants. */
export function evidenceNeeded({ checks, needs, wants = [] }: Topic): readonly EvidenceKind[] {
  return [...new Set<EvidenceKind>(['namespaces', ...checks.flatMap(evidenceOf), ...needs, ...wants])];
}

/** What a check needs or wants. */
export function evidenceOf({ needs, wants = [] }: Check): readonly EvidenceKind[] {
  return [...needs, ...wants];
}
