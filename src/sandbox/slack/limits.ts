/** How often a method may be called: so many at once, then so many a minute. */
interface Allowance {
  readonly burst: number;
  readonly perMinute: number;
}

const tier = {
  2: { burst: 20, perMinute: 20 },
  3: { burst: 50, perMinute: 50 },
  4: { burst: 100, perMinute: 100 },
} as const satisfies Record<number, Allowance>;

/** About one a second in each channel, with short bursts. */
const posting: Allowance = { burst: 5, perMinute: 60 };

/** @see https://docs.slack.dev/apis/web-api/rate-limits */
const allowances: Readonly<Record<string, Allowance>> = {
  'chat.postMessage': posting,
  'chat.postEphemeral': tier[4],
  'chat.update': tier[3],
  'chat.delete': tier[3],
  'conversations.open': tier[3],
  'conversations.info': tier[3],
  'conversations.history': tier[3],
  'conversations.replies': tier[3],
  'conversations.members': tier[4],
  'conversations.list': tier[2],
  'users.info': tier[4],
  'users.list': tier[2],
  'usergroups.list': tier[2],
  'usergroups.users.list': tier[2],
  'views.open': tier[4],
  'views.update': tier[4],
  'views.push': tier[4],
  'views.publish': tier[4],
  'files.getUploadURLExternal': tier[4],
  'files.completeUploadExternal': tier[4],
  'files.info': tier[4],
  'reactions.add': tier[3],
};

export interface Limits {
  /** 0 where the call may go on; otherwise the whole seconds to wait. */
  take(method: string, channel: string): number;
}

/** `speed` multiplies how fast allowances come back. */
export function createLimits(now: () => number, speed: number | 'off'): Limits {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  return {
    take(method, channel) {
      const allowance = allowances[method];
      if (allowance === undefined || speed === 'off') return 0;
      const key = allowance === posting ? `${method} ${channel}` : method;
      const perMs = (allowance.perMinute * speed) / 60_000;
      const { left, at } = buckets.get(key) ?? { left: allowance.burst, at: now() };
      const available = Math.min(allowance.burst, left + (now() - at) * perMs);
      if (available < 1) return Math.max(1, Math.ceil((1 - available) / perMs / 1_000));
      buckets.set(key, { left: available - 1, at: now() });
      return 0;
    },
  };
}
