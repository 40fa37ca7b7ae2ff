import { createHash } from 'node:crypto';
import type { Finding } from '../model/finding.ts';
import { stableName } from '../model/stable-name.ts';
import type { Target } from '../model/target.ts';

type Identified = Pick<Finding, 'check' | 'code' | 'subject' | 'to' | 'toService'>;

/**
 * What makes two findings the same one: check, code, cluster, the subject by its lasting name, and whom it is about
 * besides: the Service, whichever of its workloads it is. Neither how bad it is, nor which objects decide it, nor any
 * particular.
 */
export function fingerprintOf(finding: Identified, target: Target): string {
  return digest([finding.check, finding.code, ...partsOf(finding, target)]);
}

/** The same without the code: what one check can say of one subject in several ways. */
export function spotOf(finding: Identified, target: Target): string {
  return digest([finding.check, ...partsOf(finding, target)]);
}

function partsOf(
  { subject, to, toService }: Identified,
  { cluster, namespace: home = '' }: Target,
): readonly unknown[] {
  const { kind, namespace = '', port = 0 } = subject;
  const place = toService?.toLowerCase() ?? (to === undefined ? '' : placeOf(to, home));
  return [cluster, kind, namespace, stableName(subject), port, place];
}

/** `reviews:9080` asked about in `bookinfo` is `bookinfo/reviews:9080` asked about elsewhere. A sentence stays one. */
function placeOf(to: string, home: string): string {
  const place = to.trim().toLowerCase();
  return /[\s/]/.test(place) ? place : `${home}/${place}`;
}

function digest(parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
}
