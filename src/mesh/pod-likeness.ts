import type { Pod } from '../model/workload.ts';

/** Labels that tell the pods of one template apart, and that nobody selects by. */
const passing = /^(controller-revision-hash|controller-uid|job-name|(statefulset|apps|batch)\.kubernetes\.io\/.*)$/;

/** Equal for pods that the mesh cannot treat differently, but for their addresses. */
export function likeness({ namespace, labels, annotations, serviceAccount, dataPlane, revision }: Pod): string {
  const lasting = Object.entries(labels).filter(([key]) => !passing.test(key));
  return JSON.stringify([namespace, dataPlane.mode, revision, serviceAccount, lasting, annotations]);
}
