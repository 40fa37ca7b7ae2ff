import type { EvidenceKind } from '../model/evidence.ts';
import { counted } from './words.ts';

/** A right that was asked about. */
export interface HeldRight {
  readonly verb: string;
  /** With its group: `peerauthentications.security.istio.io`. */
  readonly resource: string;
  /** Only objects of these names. */
  readonly names?: readonly string[];
  /** What is not seen without it. */
  readonly evidence: readonly EvidenceKind[];
  /** Fixes that make no plan without it. Absent: none. */
  readonly fixes?: readonly string[];
  /** `not-needed`: refused, but the cluster does not have the resource either. */
  readonly state: 'held' | 'missing' | 'not-needed';
}

export interface RightsReport {
  readonly version: 1;
  readonly account: string;
  readonly cluster: string;
  readonly complete: boolean;
  readonly rights: readonly HeldRight[];
  /** Each kind of evidence, with the rights that it lacks. */
  readonly evidence: readonly { readonly kind: EvidenceKind; readonly lacks: readonly string[] }[];
}

export function rightsReport(account: string, cluster: string, rights: readonly HeldRight[]): RightsReport {
  const kinds = [...new Set(rights.flatMap(({ evidence }) => evidence))].toSorted();
  const evidence = kinds.map((kind) => ({
    kind,
    lacks: rights.filter((one) => one.state === 'missing' && one.evidence.includes(kind)).map(rightName),
  }));
  const complete = rights.every(({ state }) => state !== 'missing');
  return { version: 1, account, cluster, complete, rights, evidence };
}

/** What grants every right to read. */
export const mayRead = 'kubectl apply -f deploy/base/rbac.yaml (ClusterRole mesh-reader)';

const signs = { held: '✔ yes', missing: '✖ no ', 'not-needed': '- no ' } as const;

/** For a terminal: what is lacking first, then every right. */
export function rightsText({ account, cluster, complete, rights, evidence }: RightsReport): string {
  const width = Math.max(...rights.map((right) => rightName(right).length));
  const lacking = evidence.filter(({ lacks }) => lacks.length > 0);
  const lines = rights.map((right) => {
    const note = right.state === 'not-needed' ? 'not needed: the cluster has none' : usesOf(right).join(', ');
    return `  ${signs[right.state]}  ${rightName(right).padEnd(width)}  ${note}`;
  });
  const missing = rights.filter(({ state }) => state === 'missing').length;
  const head = complete
    ? [`✔ ${account} may read all that meshbot needs in ${cluster}`]
    : [
        `✖ ${account} lacks ${missing} of ${counted(rights.length, 'right')} in ${cluster}`,
        ...lacking.map(
          ({ kind, lacks }) => `    ${kind} ${lacks.length === 1 ? 'needs' : 'needs all of'}: ${lacks.join(', ')}`,
        ),
        ...plansLacking(rights),
        `    next  Ask an admin to grant it: ${mayRead}.`,
      ];
  return `${[...head, '', ...lines].join('\n')}\n`;
}

function usesOf({ evidence, fixes = [] }: HeldRight): readonly string[] {
  return [...evidence, ...fixes.map((id) => `plans of ${id}`)];
}

function plansLacking(rights: readonly HeldRight[]): readonly string[] {
  return rights
    .filter(({ state, fixes = [] }) => state === 'missing' && fixes.length > 0)
    .map((right) => `    plans of ${right.fixes?.join(', ')} need: ${rightName(right)}`);
}

/** `list pods`, `get configmaps istio`. */
export function rightName({ verb, resource, names }: Pick<HeldRight, 'verb' | 'resource' | 'names'>): string {
  return [verb, resource, ...(names === undefined ? [] : [names.join(' or ')])].join(' ');
}
