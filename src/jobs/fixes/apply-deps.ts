import type { Fix } from '../../model/fix.ts';
import type { Transition } from '../../model/life.ts';
import type { Log } from '../../model/log.ts';
import type { Policy } from '../../model/policy.ts';
import type { Remediation } from '../../model/remediation.ts';
import type { ClusterWriter } from '../../model/writer.ts';
import type { AuditLog } from '../audit/audit.ts';
import type { Remediations } from './remediations.ts';
import type { Signer } from './signature.ts';

/**
 * A write begins at most 15 s after `begin`, its request is on its way for at most 20 s, and an API server ends one
 * after 60 s, whoever still listens: what is not written by then never will be.
 */
export const inFlightMs = 120_000;

/** What the fixer's part of a fix needs. */
export interface ApplyDeps {
  readonly cluster: string;
  readonly remediations: Remediations;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly writer: ClusterWriter;
  readonly fixOf: (id: string) => Fix;
  /** As the file says now. */
  readonly policy: () => Policy;
  readonly signer: Pick<Signer, 'isSigned'>;
  readonly log: Log;
  readonly now: () => Date;
  /** How long after its begin a write may still be under way: see {@link inFlightMs}. */
  readonly inFlightMs: number;
  /** Lets the worker look at a plan. */
  readonly wake: (id: string) => Promise<void>;
  /** Told of what became of a plan: `applied`, `refused`, `drifted`, … */
  readonly onSettled: (fix: string, outcome: string) => void;
  /** Ids that this process is writing for now. */
  readonly working: Set<string>;
}

/** A step that ends it, or a wait until the world answers. */
export type Obstacle =
  | { readonly kind: 'step'; readonly step: (r: Remediation, at: string) => Transition }
  | { readonly kind: 'later'; readonly why: string };
