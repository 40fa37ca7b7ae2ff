import type { KubernetesIdentity } from './remediation.ts';

/** Who may do what: the mounted policy file, parsed. Whatever it does not allow is denied. */
export interface Policy {
  readonly roles: Readonly<Record<string, Role>>;
  /** By Slack user id: who they are to the API server. */
  readonly people: Readonly<Record<string, KubernetesIdentity>>;
  readonly fixes: readonly FixRule[];
  readonly freeze: FreezeRule;
  /** Absent: everyone may ask about everything from everywhere. Present: what no rule allows is denied. */
  readonly look?: readonly LookRule[];
  readonly digests: readonly DigestRule[];
  /** SHA-256 of the file, in hex: approvals and the audit log name it. */
  readonly hash: string;
}

/** The role that everybody in the workspace has who is no guest and no bot. */
export const everyone = 'everyone';

export interface Role {
  /** Slack user ids. */
  readonly users: readonly string[];
  /** Slack user group ids. */
  readonly groups: readonly string[];
}

/** The first rule that matches fix, cluster and namespace decides; none: denied. */
export interface FixRule {
  /** Ids, or `*`. */
  readonly fixes: readonly string[];
  /** Names, with `*` for any part. */
  readonly clusters: readonly string[];
  /** Names, with `*` for any part. Fixes of the whole cluster match where `*` alone is listed. */
  readonly namespaces: readonly string[];
  /** Roles. */
  readonly request: readonly string[];
  /** Roles. */
  readonly approve: readonly string[];
  readonly approvals: number;
  readonly selfApproval: boolean;
  readonly expiresMinutes: number;
  /** When changes may be applied; empty: always. */
  readonly windows: readonly ChangeWindow[];
  readonly breakGlass?: { readonly roles: readonly string[]; readonly expiresMinutes: number };
}

export interface ChangeWindow {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes after midnight. `to` before `from`: over midnight, counted by the day it begins. */
  readonly from: number;
  readonly to: number;
  /** IANA name. */
  readonly timeZone: string;
}

export interface FreezeRule {
  /** Roles that may stop all writes. */
  readonly freeze: readonly string[];
  /** Roles that may let them go on. */
  readonly unfreeze: readonly string[];
}

/** Who may ask about what from where. Rules add up. */
export interface LookRule {
  /** Roles. */
  readonly roles: readonly string[];
  /** Names, with `*` for any part. */
  readonly clusters: readonly string[];
  /** Names, with `*` for any part. Questions about the whole mesh match where `*` alone is listed. */
  readonly namespaces: readonly string[];
  /** Slack ids of channels. `*`: any that only people of this workspace can read. */
  readonly channels: readonly string[];
}

/** A digest that the policy file orders. */
export interface DigestRule {
  /** In words, or as cron: `weekdays 9:00 Europe/Berlin`. */
  readonly schedule: string;
  readonly namespaces: readonly string[];
  /** Ids. Absent: what `/mesh doctor` asks. */
  readonly topics?: readonly string[];
  /** Slack id. */
  readonly channel: string;
  /** Absent: every cluster whose worker reads the file. */
  readonly cluster?: string;
}

/** What Slack says of a person, asked anew for each decision. */
export interface Person {
  readonly team: string;
  readonly user: string;
  readonly deleted: boolean;
  readonly bot: boolean;
  /** A guest, of one channel or of several. */
  readonly guest: boolean;
  /** Of another workspace, in a shared channel. */
  readonly stranger: boolean;
  /** Slack user group ids, of those that the policy names. */
  readonly groups: readonly string[];
}
