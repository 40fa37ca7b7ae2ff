import type { Fix } from '../../model/fix.ts';
import type { Transition } from '../../model/life.ts';
import type { Person, Policy } from '../../model/policy.ts';
import type { Remediation, RemediationState } from '../../model/remediation.ts';
import type { AuditLog } from '../audit/audit.ts';
import type { CheckDeps } from '../check.ts';
import type { WithLock } from '../lock.ts';
import type { SettleDeps } from '../settle.ts';
import type { RemedyQueues } from './queue.ts';
import type { Remediations } from './remediations.ts';

/** What the worker's part of a fix needs. */
export interface FixDeps extends SettleDeps, Pick<CheckDeps, 'cluster' | 'answer' | 'sources' | 'asks'> {
  readonly policy: Policy;
  /** @throws UsageError where there is no such fix. */
  readonly fixOf: (id: string) => Fix;
  /** Asked anew, without any cache. Throws where Slack does not tell. */
  readonly person: (user: string) => Promise<Person>;
  readonly remediations: Remediations;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly queues: Pick<RemedyQueues, 'wake' | 'wakeLater' | 'apply' | 'try'>;
  readonly withLock: WithLock;
  /** Whether a fixer of this cluster gave a sign of life lately. */
  readonly fixerAlive: () => Promise<boolean>;
  readonly watch: FixWatch;
}

/** What is counted. */
export interface FixWatch {
  plan(fix: string, became: RemediationState | 'not-planned'): void;
  putOff(reason: string): void;
  undelivered(): void;
}

/** A plan after a look at it. */
export interface Looked {
  readonly remediation: Remediation;
  /** What it waits for, as a sentence. */
  readonly note?: string;
  /** When to look again, where the next sweep is too late. */
  readonly againMs?: number;
}

/** Takes a step where the state still leads there, and gives what stands then. */
export async function move(
  { plan: { id, fix } }: Remediation,
  deps: Pick<FixDeps, 'remediations' | 'watch' | 'log' | 'now'>,
  step: (current: Remediation, at: string) => Transition | undefined,
): Promise<Remediation> {
  const at = deps.now().toISOString();
  const result = await deps.remediations.change(id, (current) => step(current, at));
  if (result.status === 'unknown' || result.status === 'busy') throw new Error(`Plan ${id} is ${result.status}`);
  const { remediation } = result;
  if (result.status === 'changed') {
    deps.watch.plan(fix, remediation.state);
    deps.log.info({ plan: id, fix, state: remediation.state }, 'A plan moved on');
  }
  return remediation;
}
