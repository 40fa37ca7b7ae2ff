import type { SocketModeReceiver } from '@slack/bolt';

export interface Envelopes {
  /**
   * Resolves in the very turn in which nothing that came over the socket waits for its acknowledgement, what arrives
   * meanwhile included; after `timeoutMs` in any case.
   */
  settled(timeoutMs: number): Promise<void>;
}

/** How long Slack waits for an acknowledgement, in milliseconds. */
const patienceMs = 3_000;

/** Watches what came over one socket and is not acknowledged: once we have closed it, no acknowledgement can go. */
export function watchEnvelopes(client: SocketModeReceiver['client']): Envelopes {
  const waiting = new Set<string>();
  const watchers = new Set<() => void>();

  function end(id: string): void {
    waiting.delete(id);
    if (waiting.size === 0) for (const watcher of watchers) watcher();
  }

  client.on('slack_event', ({ envelope_id: id }: { envelope_id: string }) => {
    waiting.add(id);
    setTimeout(end, patienceMs, id).unref();
  });
  client.on('outgoing_message', ({ envelope_id: id }: { envelope_id: string }) => end(id));

  return {
    async settled(timeoutMs) {
      if (waiting.size === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, timeoutMs);
      watchers.add(resolve);
      await promise;
      watchers.delete(resolve);
      clearTimeout(timer);
    },
  };
}
