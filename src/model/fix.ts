import type { Moment } from './check.ts';
import type { EvidenceByKind, EvidenceKind } from './evidence.ts';
import { describeRef } from './finding.ts';
import type { Report } from './report.ts';
import type { KubeObject, ResourceType } from './sources.ts';

/** What a fix is asked for: a cluster, and in it a namespace or one object, as the fix's {@link Fix.scope} says. */
export interface FixTarget {
  readonly cluster: string;
  readonly namespace?: string;
  /** Of the object, where the scope is `object`. */
  readonly name?: string;
}

/** A fix that a finding asks for. The cluster is the report's. */
export interface FixRequest {
  readonly fix: string;
  readonly namespace?: string;
  readonly name?: string;
}

export type Risk = 'low' | 'medium' | 'high';

/** One object before and after; `null`: it does not exist. Undo is the same change backwards. */
export interface Change {
  readonly resource: ResourceType;
  readonly namespace?: string;
  readonly name: string;
  /** With uid and resourceVersion, without managedFields and status. */
  readonly before: KubeObject | null;
  readonly after: KubeObject | null;
  /** What going back leads to, where that is not `before`: an object that others rely on by then is not deleted. */
  readonly undo?: KubeObject;
}

/** Why there is no plan, as a sentence, and what to do instead. */
export interface Refusal {
  readonly refused: string;
  readonly next?: string;
  /** YAML to commit by hand, where the object belongs to a repository. */
  readonly manifest?: string;
}

/** What the evidence told, in words that `edit` understands. */
export type Parameters = Readonly<Record<string, string>>;

/** Which object a fix would change, and what that means. */
export interface Choice {
  readonly resource: ResourceType;
  readonly namespace?: string;
  readonly name: string;
  /** Without subject: `Remove TLS DISABLE from DestinationRule bookinfo/reviews`. Absent: the fix's own title. */
  readonly title?: string;
  readonly risk: Risk;
  /** What `edit` has to know besides the object and the target. Approved with the plan. */
  readonly parameters?: Parameters;
  /** Sentences: what follows from it, for whom, how soon. */
  readonly effects: readonly string[];
  /** What was not seen, as sentences; the approver decides knowing it. */
  readonly doubts?: readonly string[];
}

/** What the object becomes, and what going back leads to where that is not the object as it was. */
export interface Edited {
  readonly after: KubeObject;
  readonly undo?: KubeObject;
}

/** What a fresh report says of a fix that was applied. */
export interface Verification {
  /** `waiting`: not yet, look again until the deadline. */
  readonly state: 'done' | 'waiting' | 'failed';
  /** As a sentence: `reviews demands mTLS and 3 of 3 proxies have it`. */
  readonly says: string;
}

/** A right that the fixer needs for this fix. `target`: the namespace or the name that the fix is asked for. */
export interface FixRight {
  readonly verbs: readonly ('get' | 'create' | 'patch' | 'delete')[];
  readonly resource: ResourceType;
  /** A namespace, or `target`. Absent: the resource is not namespaced. */
  readonly namespace?: string;
  /** Absent: any name, because it is known only when the fix is asked for. */
  readonly names?: readonly string[];
}

/** A recipe: from evidence to one change of one object, or to the reason there is none. */
export interface Fix<K extends EvidenceKind = EvidenceKind> {
  /** An imperative in kebab case; also the name of the file, the test and the page. */
  readonly id: string;
  readonly title: string;
  /** One sentence for help. */
  readonly does: string;
  readonly scope: 'cluster' | 'namespace' | 'object';
  readonly needs: readonly K[];
  readonly rights: readonly FixRight[];
  /** Pure. Judges the evidence; reads nothing else. */
  choose(evidence: Pick<EvidenceByKind, K>, target: FixTarget, moment: Moment): Choice | Refusal;
  /**
   * Pure. The whole change, from the object as it is, with its managedFields; `null`: there is none. The fixer repeats
   * it before it writes: a plan that is not this recipe's is never applied. Whose the object is and whether there is
   * anything to change is asked for all fixes alike.
   */
  edit(object: KubeObject | null, target: FixTarget, parameters: Parameters): Edited | Refusal;
  /** One sentence: how it is undone, and until when. */
  readonly undone: string;
  /** After this many minutes it cannot be undone by a click any more. */
  readonly undoWithinMinutes: number;
  /** Why it must not be undone now, from the same evidence. */
  mayUndo?(evidence: Pick<EvidenceByKind, K>, target: FixTarget, moment: Moment): Refusal | undefined;
  readonly verify: {
    /** The topic whose report tells, asked of the target's namespace. */
    readonly topic: string;
    readonly withinSeconds: number;
    /** How long it has to stay well before that counts, where trouble shows late. Absent: not at all. */
    readonly lastsSeconds?: number;
    /** Pure. */
    judge(report: Report, target: FixTarget, change: Change): Verification;
  };
}

/** Gives `choose` exactly the evidence that `needs` names. */
export function defineFix<K extends EvidenceKind>(fix: Fix<K>): Fix {
  return fix as unknown as Fix;
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

/** `bookinfo`, `bookinfo/reviews`, `the cluster`. */
export function describeFixTarget({ namespace, name }: FixTarget): string {
  if (namespace === undefined) return 'the cluster';
  return name === undefined ? namespace : `${namespace}/${name}`;
}

/** The object of a change: `PeerAuthentication bookinfo/default`. */
export function describeChanged({
  resource: { kind },
  ...place
}: Pick<Change, 'resource' | 'namespace' | 'name'>): string {
  return describeRef({ kind, ...place });
}
