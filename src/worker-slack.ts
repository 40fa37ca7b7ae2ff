import type { WebClient } from '@slack/web-api';
import { failureOf } from './clients/slack-failure.ts';
import type { Failure, Messenger, Outcome } from './jobs/messenger.ts';
import type { SlackSight } from './model/worker-state.ts';

/** A worker's own access to Slack, as its calls show it. */
export interface WatchedSlack {
  /** The same messenger; how its calls end is noted. */
  readonly messenger: Messenger;
  /** Asks Slack whether the token is good. */
  check(): Promise<void>;
  /** A message that was refused counts until one is taken: a good token does not make up for it. Absent: nothing was asked. */
  sight(): SlackSight | undefined;
  /** Told when access is lost, and when it is back. */
  onTurn(listener: () => void): void;
}

export interface WatchSettings {
  readonly messenger: Messenger;
  readonly client: Pick<WebClient, 'auth'>;
}

/** Notes whether Slack takes what a worker posts. */
export function watchSlack({ messenger, client }: WatchSettings): WatchedSlack {
  let token: SlackSight | undefined;
  let posted: SlackSight | undefined;
  let listener: () => void = () => {};
  const sight = (): SlackSight | undefined => (posted?.code === undefined ? newest(posted, token) : posted);

  function note(take: () => void): void {
    const before = sight()?.code;
    take();
    if (sight()?.code !== before) listener();
  }

  async function noted<T>(call: Promise<Outcome<T>>): Promise<Outcome<T>> {
    const outcome = await call;
    if (outcome.ok || isLost(outcome)) note(() => (posted = sightOf(outcome)));
    return outcome;
  }

  return {
    messenger: {
      ...messenger,
      post: (...args) => noted(messenger.post(...args)),
      update: (...args) => noted(messenger.update(...args)),
    },
    async check() {
      const outcome = await client.auth.test().then(() => ({ ok: true }) as const, failureOf);
      if (outcome.ok || isLost(outcome)) note(() => (token = sightOf(outcome)));
    },
    sight,
    onTurn: (told) => {
      listener = told;
    },
  };
}

function newest(one: SlackSight | undefined, other: SlackSight | undefined): SlackSight | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one.at > other.at ? one : other;
}

/** Others concern one message or one conversation, or pass by themselves. */
function isLost({ reason }: Failure): boolean {
  return reason === 'refused' || reason === 'unavailable';
}

function sightOf(outcome: { readonly ok: true } | Failure): SlackSight {
  return { at: new Date().toISOString(), ...(!outcome.ok && { code: outcome.code }) };
}
