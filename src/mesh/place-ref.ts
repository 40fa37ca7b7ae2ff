import type { Ref } from '../model/finding.ts';
import type { Target } from '../model/target.ts';

/** The target as the subject of a finding. */
export function placeRef({ namespace, workload }: Target): Ref {
  if (workload !== undefined && namespace !== undefined) return { kind: 'Workload', namespace, name: workload };
  return { kind: 'Namespace', name: namespace ?? 'mesh' };
}
