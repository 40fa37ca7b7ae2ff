import type { Labels } from '../model/workload.ts';

/** Whether `matchLabels` picks an object with these labels. An empty selector picks everything. */
export function selects(matchLabels: Labels, labels: Labels): boolean {
  for (const key in matchLabels) if (labels[key] !== matchLabels[key]) return false;
  return true;
}
