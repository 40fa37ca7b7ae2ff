import type { Actor } from '../../model/command.ts';
import type { Person } from '../../model/policy.ts';
import type { Remediation } from '../../model/remediation.ts';
import type { AnyBlock } from '../../report/slack-message.ts';
import type { Slack } from '../actions/press.ts';
import type { FixingDeps, HandlerDeps } from '../deps.ts';

/** Somebody looks at App Home. */
export interface Visit {
  readonly actor: Actor;
  readonly slack: Slack;
  readonly deps: HandlerDeps;
}

/** Where fixes are on. What the sections about them are made from is looked up once for all of them. */
export interface FixVisit extends Visit {
  readonly person: Person;
  /** Those of all clusters that are open, or ended a short while ago. */
  readonly remediations: readonly Remediation[];
  /** How many more there are that were not read, for whatever reason. */
  readonly unread: number;
  readonly deps: FixingDeps;
}

/** A part of App Home; empty where there is nothing to say. */
export type Section<V extends Visit = Visit> = (visit: V) => Promise<readonly AnyBlock[]>;
