import type { Actor } from './command.ts';
import type { Change, FixTarget, Parameters, Risk } from './fix.ts';
import type { Trial } from './trial.ts';

/** What the policy demanded when the plan was made. */
export interface ApprovalRule {
  /** How many different people have to approve. */
  readonly approvals: number;
  /** Whether whoever asked may be one of them. */
  readonly selfApproval: boolean;
  /** Names of roles of the policy. */
  readonly approvers: readonly string[];
  /** SHA-256 of the policy file, in hex. */
  readonly policy: string;
}

/** What is shown to the approvers, and all that is applied. One plan changes one object: it is never half done. */
export interface Plan {
  /** Unguessable; also the remediation's. */
  readonly id: string;
  readonly fix: string;
  readonly target: FixTarget;
  /** What it does, as a sentence without subject: `Remove TLS DISABLE from DestinationRule bookinfo/reviews`. */
  readonly title: string;
  readonly risk: Risk;
  /** What the fix repeats its change with. */
  readonly parameters?: Parameters;
  readonly change: Change;
  readonly effects: readonly string[];
  readonly doubts: readonly string[];
  /** How it is undone, and until when. */
  readonly undone: string;
  /** The change as a unified diff of YAML. */
  readonly diff: string;
  readonly requestedBy: Actor;
  /** RFC 3339. */
  readonly requestedAt: string;
  readonly channel: string;
  readonly expiresAt: string;
  readonly rule: ApprovalRule;
  /** Set where this plan takes another one back: its id. */
  readonly undoOf?: string;
  /** SHA-256 over the id, the fix, the target, the parameters, the change and `undoOf`, in hex. An approval names it. */
  readonly digest: string;
}

/** Somebody in the API server's words. */
export interface KubernetesIdentity {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface Approval {
  readonly by: Actor;
  /** The roles of the policy that made it count. */
  readonly roles: readonly string[];
  readonly kubernetes?: KubernetesIdentity;
  /** RFC 3339. */
  readonly at: string;
  readonly digest: string;
  /** SHA-256 of the policy that let them, in hex. */
  readonly policy?: string;
  /** Given by whoever asked, alone, in an emergency: the reason. */
  readonly breakGlass?: string;
  /** HMAC-SHA256 by the bot over plan, digest, policy, person and time, in hex: nobody else can approve. */
  readonly signature: string;
}

/** An object as it was after the write. */
export interface Written {
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** RFC 3339. */
  readonly at: string;
  /** Who the API server was told it is; absent: the fixer itself. */
  readonly as?: string;
}

export type CloseReason =
  | 'declined'
  | 'expired'
  /** The object, or what the plan rests on, is no longer as it was. */
  | 'drifted'
  /** Policy, freeze, identity, or the API server do not let it be done. */
  | 'refused'
  /** It was tried and surely not done. */
  | 'failed'
  /** It was tried, and whether it was done cannot be told: somebody else changed the object since. */
  | 'unclear';

/** One line of a plan's life, shown in its thread. */
export interface Step {
  /** RFC 3339. */
  readonly at: string;
  /** A sentence. */
  readonly says: string;
  readonly by?: Actor;
}

interface Life {
  readonly plan: Plan;
  /** Grows by one with each transition: compare and set goes by it. */
  readonly version: number;
  readonly approvals: readonly Approval[];
  readonly steps: readonly Step[];
  /** Where whoever asked is known to the API server by a name: what is written is written as them. */
  readonly writeAs?: KubernetesIdentity;
  /** The message that shows it, once there is one. */
  readonly card?: { readonly channel: string; readonly ts: string };
  /** Set once people were reminded that it is about to expire. */
  readonly reminded?: true;
  /** Absent: the fixer was not heard yet. */
  readonly tried?: Trial;
}

interface WasOutdated {
  /** RFC 3339, by the fixer's clock: when it last came too late for what was looked at. */
  readonly outdatedAt?: string;
}

interface WasApplied {
  readonly written: Written;
}

interface WasVerified extends WasApplied {
  /** RFC 3339. */
  readonly settledAt: string;
  readonly says: string;
  /** The plan that takes this one back, if one was ever asked for: the last one. */
  readonly undoneBy?: string;
}

/**
 * The life of one plan. Each state carries what is known by then, and nothing else.
 *
 * proposed → approved ⇄ cleared → applying → applied → verified | unverified → undone; closed from any before `applied`.
 */
export type Remediation = Life &
  (
    | { readonly state: 'proposed' }
    /** Enough people approved. The worker looks whether all that it rests on still holds. */
    | ({ readonly state: 'approved'; readonly approvedAt: string } & WasOutdated)
    /** It holds: the fixer's turn, unless that comes too late. */
    | ({ readonly state: 'cleared'; readonly clearedAt: string } & WasOutdated)
    /** The fixer is about to write, or was when it died. */
    | { readonly state: 'applying'; readonly startedAt: string }
    | ({
        readonly state: 'applied';
        readonly verifyUntil: string;
        /** RFC 3339: since when its checks see it work, where that has to last before it counts. */
        readonly worksSince?: string;
      } & WasApplied)
    | ({ readonly state: 'verified' | 'unverified' } & WasVerified)
    | ({ readonly state: 'undone' } & WasVerified)
    | {
        readonly state: 'closed';
        readonly why: CloseReason;
        readonly detail: string;
        readonly closedAt: string;
        /** The plan made in its place. */
        readonly replacedBy?: string;
      }
  );

export type RemediationState = Remediation['state'];

/** States in which nothing more happens by itself. */
export function isSettled({ state }: Pick<Remediation, 'state'>): boolean {
  return state === 'verified' || state === 'unverified' || state === 'undone' || state === 'closed';
}

/** While a plan is in one of these, no other may be applied to its cluster. */
export function holdsCluster({ state }: Pick<Remediation, 'state'>): boolean {
  return state === 'applying' || state === 'applied';
}

const sealLength = 32;

/** Names a plan as it was shown: its id, and enough of its digest that nothing else passes for it. For buttons. */
export function sealed({ id, digest }: Pick<Plan, 'id' | 'digest'>): string {
  return `${id}.${digest.slice(0, sealLength)}`;
}

/** The id in what {@link sealed} made. */
export function idIn(seal: string): string {
  return seal.split('.', 1)[0] ?? '';
}
