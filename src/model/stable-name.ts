import type { Ref } from './finding.ts';

/** What Kubernetes adds to names: no vowels, and no digits that look like them. */
const random = '[bcdfghjklmnpqrstvwxz2456789]';
const templateHash = `(?:(?=[a-z]*\\d)[a-z0-9]{6,10}|${random}{6,10})`;
/** Deployment (`-7c9f8d-x7k2p`), DeploymentConfig (`-3-x7k2p`), Job of a CronJob (`-28373640-x7k2p`), DaemonSet (`-x7k2p`). */
const ofPod = new RegExp(`-(?:(?:${templateHash}|\\d+)-[a-z0-9]{5}|${random}{5})$`);
const ofReplicaSet = new RegExp(`-${templateHash}$`);
const ofJob = /-\d{8,10}$/;

/** The name without what changes when the object is made anew: a pod goes by its workload. */
export function stableName({ kind, name }: Pick<Ref, 'kind' | 'name'>): string {
  if (kind === 'Pod') return name.replace(ofPod, '');
  if (kind === 'ReplicaSet') return name.replace(ofReplicaSet, '');
  return kind === 'Job' ? name.replace(ofJob, '') : name;
}
