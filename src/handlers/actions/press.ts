import type { AllMiddlewareArgs } from '@slack/bolt';
import type { Actor } from '../../model/command.ts';

/** The Web API, as Bolt gives it to listeners. */
export type Slack = AllMiddlewareArgs['client'];

/** Somebody pressed a button. */
export interface Press {
  readonly actor: Actor;
  readonly action: string;
  /** Good once, for three seconds, to open a modal. */
  readonly trigger: string;
  readonly value?: string;
  /** Where the message is. Absent in App Home. */
  readonly channel?: string;
  /** The message. */
  readonly ts?: string;
}
