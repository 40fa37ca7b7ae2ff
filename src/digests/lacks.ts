import type { EvidenceKind } from '../model/evidence.ts';
import type { Looked } from '../model/report.ts';
import type { Target } from '../model/target.ts';

/** What an answer stands without. */
export interface Lack {
  readonly kind: EvidenceKind;
  /** The same from run to run, whatever the numbers are. */
  readonly id: string;
  /** `partly`: not all of it came. `unread`: it may not be read, and may bear on the answer. */
  readonly how: 'missing' | 'partly' | 'unread';
  /** A sentence, or some. */
  readonly says: string;
  readonly next?: string;
}

const mostText = 400;

/** What is not there in full of one kind of evidence, about one target. */
export function lacksIn(looked: Looked, target: Target): readonly Lack[] {
  const { kind } = looked;
  const place = [placeOf(target), kind];
  if (looked.status === 'missing') {
    const { detail, next } = looked;
    return [{ kind, id: JSON.stringify([...place, 'missing']), how: 'missing', says: detail, ...nextOf(next) }];
  }
  const { seen, of, unit, notes, unread = [] } = looked;
  const says = [`Only ${seen} of ${of} ${plural(unit)} were seen.`, ...notes].join(' ').slice(0, mostText);
  return [
    ...(seen < of
      ? [
          {
            kind,
            id: JSON.stringify([...place, 'partly']),
            how: 'partly' as const,
            says,
            ...nextOf(whoTells(kind, target)),
          },
        ]
      : []),
    ...unread.map((one) => ({
      kind,
      id: JSON.stringify([...place, one.says]),
      how: 'unread' as const,
      says: one.says,
      ...nextOf(one.next),
    })),
  ];
}

/** What tells targets apart. */
export function placeOf({ cluster, namespace = '', workload = '' }: Target): string {
  return [cluster, namespace, workload].join('/');
}

/** The place that an id is about. */
export function placeIn(id: string): string {
  return String(JSON.parse(id)[0]);
}

/** Where the answer itself names what is lacking. */
function whoTells(kind: EvidenceKind, { namespace }: Target): string | undefined {
  if (kind !== 'observed' || namespace === undefined) return undefined;
  return `/mesh mtls ${namespace} names the pods whose metrics do not come in, and how to let them in.`;
}

function plural(unit: string): string {
  return unit.endsWith('y') ? `${unit.slice(0, -1)}ies` : `${unit}s`;
}

function nextOf(next: string | undefined): { readonly next?: string } {
  return next === undefined ? {} : { next };
}
