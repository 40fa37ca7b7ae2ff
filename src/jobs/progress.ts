import type { Progress } from '../model/question.ts';

export interface ProgressReporter {
  report(progress: Progress): void;
  /** Resolves when nothing is under way any more: what is sent next is the last word. */
  stop(): Promise<void>;
}

/** Passes on the latest progress, at most once in `everyMs`, and nothing in the first `everyMs`. */
export function progressReporter(send: (progress: Progress) => Promise<void>, everyMs: number): ProgressReporter {
  let latest: Progress | undefined;
  let state: 'idle' | 'waiting' | 'sending' | 'stopped' = 'idle';
  let sending: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  function wait(): void {
    state = 'waiting';
    timer = setTimeout(() => {
      const progress = latest;
      latest = undefined;
      state = 'idle';
      if (progress !== undefined) sending = pass(progress);
    }, everyMs);
  }

  async function pass(progress: Progress): Promise<void> {
    state = 'sending';
    try {
      await send(progress);
    } finally {
      if (stillOpen()) wait();
    }
  }

  const stillOpen = (): boolean => state !== 'stopped';
  wait();
  return {
    report(progress) {
      latest = progress;
      if (state === 'idle') wait();
    },
    async stop() {
      state = 'stopped';
      clearTimeout(timer);
      await sending;
    },
  };
}
