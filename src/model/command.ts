import type { FixTarget } from './fix.ts';
import type { Target } from './target.ts';

/** What somebody asked for, understood. */
export type Command =
  | { readonly kind: 'check'; readonly topic: string; readonly target: Target }
  | { readonly kind: 'help'; readonly topic?: string }
  /** How the bot itself is. */
  | { readonly kind: 'status' }
  /** Which fixes there are. */
  | { readonly kind: 'fixes' }
  | { readonly kind: 'fix'; readonly fix: string; readonly target: FixTarget }
  /** Stops all writes. */
  | { readonly kind: 'freeze'; readonly because?: string }
  | { readonly kind: 'unfreeze' }
  /** What was done; of one plan, where it is named by its id or by how that begins. */
  | { readonly kind: 'audit'; readonly plan?: string }
  | DigestCommand
  | MuteCommand;

/** About digests. `id`: as typed, which may be how it begins. */
export type DigestCommand =
  | { readonly kind: 'digests' }
  | {
      readonly kind: 'digest-add';
      /** When it is due: `weekdays 9:00 Europe/Berlin`. */
      readonly words: string;
      readonly cluster: string;
      readonly namespaces: readonly string[];
      /** Ids. Empty: all. */
      readonly topics: readonly string[];
    }
  | { readonly kind: 'digest'; readonly act: DigestAct; readonly id: string };

export type DigestAct = 'run' | 'pause' | 'resume' | 'remove';

/** About mutes. */
export type MuteCommand =
  | {
      readonly kind: 'mute';
      readonly code: string;
      readonly cluster: string;
      readonly namespace: string;
      readonly workload?: string;
      /** As typed: `7d`, `2026-12-01`. */
      readonly end: string;
      readonly because: string;
    }
  | { readonly kind: 'mutes' }
  | { readonly kind: 'unmute'; readonly id: string };

/** Who asked, as Slack knows them. */
export interface Actor {
  readonly team: string;
  readonly enterprise?: string;
  readonly user: string;
}
