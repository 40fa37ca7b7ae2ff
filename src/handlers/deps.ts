import type { Histories } from '../jobs/digests/history.ts';
import type { Schedules } from '../jobs/digests/schedules.ts';
import type { Emergencies } from '../jobs/fixes/emergencies.ts';
import type { ProposeJob } from '../jobs/fixes/queue.ts';
import type { Remediations } from '../jobs/fixes/remediations.ts';
import type { Mutes } from '../jobs/mutes.ts';
import type { Names } from '../jobs/names.ts';
import type { CheckQueues, Enqueued } from '../jobs/queue.ts';
import type { RecentChannels } from '../jobs/recent.ts';
import type { AuditEntry, AuditRecord } from '../model/audit.ts';
import type { BotStatus } from '../model/bot-status.ts';
import type { Actor } from '../model/command.ts';
import type { Log } from '../model/log.ts';
import type { Person, Policy } from '../model/policy.ts';
import type { Approval, Plan } from '../model/remediation.ts';
import type { Timing } from '../model/schedule.ts';
import type { Vocabulary } from './commands/vocabulary.ts';

/** A command behind a button. */
export interface StoredCommand {
  readonly command: string;
  readonly team: string;
  readonly channel: string;
}

export interface HandlerDeps {
  readonly vocabulary: Vocabulary;
  readonly queues: Pick<CheckQueues, 'add' | 'state'>;
  readonly asks: {
    save(id: string, ask: StoredCommand): Promise<void>;
    load(id: string): Promise<StoredCommand | undefined>;
  };
  /** Absent: fixes are off, and there is no policy. */
  readonly fixes?: FixDeps;
  readonly digests: DigestDeps;
  readonly mutes: Pick<Mutes, 'add' | 'list' | 'remove'>;
  readonly audit: Pick<FixDeps['audit'], 'append'>;
  readonly recent: RecentChannels;
  /** For suggestions. */
  readonly names: Pick<Names, 'namespaces' | 'workloads'>;
  readonly channels: {
    /** Whether people of other workspaces read along, or soon will; nothing where Slack does not tell. Guests do not count. */
    hasOutsiders(channel: string): Promise<boolean | undefined>;
  };
  /** What Slack says of a person, without their groups. Throws where it does not say. */
  readonly people: { ask(user: string): Promise<Person> };
  /** How much one person may ask for: milliseconds until it is something again. Where it is 0, this time counts. */
  readonly allowance: { take(name: string): number };
  /** True for the first who asks with this name, within a day. */
  readonly once: (name: string) => Promise<boolean>;
  /** How the bot itself is. Never throws. */
  readonly status: () => Promise<BotStatus>;
  /** The workspace, or the organisation, whose people may ask. */
  readonly home: { readonly team: string; readonly enterprise?: string };
  readonly log: Log;
  readonly watch: {
    command(topic: string, outcome: string): void;
    acked(seconds: number): void;
  };
  readonly now: () => Date;
  /** Unguessable, and never a whole number. */
  readonly newId: () => string;
}

export interface DigestDeps {
  readonly schedules: Omit<Schedules, 'end'>;
  readonly histories: Pick<Histories, 'load'>;
  /** The timestamp of the digest that was posted last. */
  readonly lastMessage: (schedule: string) => Promise<string | undefined>;
  /** The next times a schedule is due. */
  readonly nextRuns: (timing: Timing, after: Date, count: number) => readonly Date[];
}

export interface FixDeps {
  readonly policy: Policy;
  /** What Slack says of a person; `fresh`: now, whatever it said before. Throws where it does not say. */
  readonly people: {
    ask(user: string, options?: { readonly fresh?: true }): Promise<Person>;
    /** What it said to a decision moments ago. */
    recent(user: string): Person | undefined;
  };
  readonly remediations: Pick<Remediations, 'load' | 'change' | 'open' | 'freeze'>;
  readonly queues: {
    propose(job: ProposeJob): Promise<Enqueued>;
    wake(cluster: string, id: string): Promise<void>;
  };
  readonly audit: {
    append(entry: AuditEntry): Promise<AuditRecord>;
    last(count: number, filter?: { readonly plan?: string }): Promise<readonly AuditRecord[]>;
  };
  readonly emergencies: Emergencies;
  readonly signer: { sign(plan: Plan, approval: Omit<Approval, 'signature'>): string };
  /** What a plan's digest should be. */
  readonly digestOf: (plan: Plan) => string;
  /** Unguessable: `p` and 20 hexadecimal digits. */
  readonly newPlanId: () => string;
}

/** Where fixes are on. */
export type FixingDeps = HandlerDeps & { readonly fixes: FixDeps };

/** Who did something where. */
export interface Asking {
  readonly actor: Actor;
  readonly channel: string;
}
