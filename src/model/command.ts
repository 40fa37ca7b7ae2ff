import type { Target } from './target.ts';

/** What somebody asked for, understood. */
export type Command =
  | { readonly kind: 'check'; readonly topic: string; readonly target: Target }
  | { readonly kind: 'help'; readonly topic?: string };

/** Who asked, as Slack knows them. */
export interface Actor {
  readonly team: string;
  readonly enterprise?: string;
  readonly user: string;
}
