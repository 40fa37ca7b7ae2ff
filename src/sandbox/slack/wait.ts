import type { Workspace } from './state.ts';

export interface Wait {
  readonly timeoutMs?: number;
  /** What is waited for, for the error. */
  readonly what?: string;
}

const standardMs = 5_000;
const lookAgainMs = 20;

/** Waits until `look` gives something, looking after every change. What it has given is the result. */
export async function waitFor<T>(
  workspace: Workspace,
  look: () => T | undefined | false | null,
  { timeoutMs = standardMs, what = 'what the test waits for' }: Wait = {},
  seen: () => string = () => '',
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const attempt = (): void => {
    try {
      const found = look();
      if (found !== undefined && found !== false && found !== null) resolve(found);
    } catch (error) {
      reject(error);
    }
  };
  const stop = workspace.onChange(attempt);
  const again = setInterval(attempt, lookAgainMs);
  const timer = setTimeout(
    () => reject(new Error(`Slack never showed ${what} within ${timeoutMs} ms. ${seen()}`)),
    timeoutMs,
  );
  attempt();
  try {
    return await promise;
  } finally {
    stop();
    clearInterval(again);
    clearTimeout(timer);
  }
}
