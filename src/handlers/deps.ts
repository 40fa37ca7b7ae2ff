import type { CheckQueues } from '../jobs/queue.ts';
import type { Actor } from '../model/command.ts';
import type { Log } from '../model/log.ts';
import type { Vocabulary } from './commands/parse.ts';

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

/** Who did something where. */
export interface Asking {
  readonly actor: Actor;
  readonly channel: string;
}
