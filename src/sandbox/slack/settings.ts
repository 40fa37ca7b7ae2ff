/** A slash command of the app. */
export interface Command {
  readonly command: string;
  readonly description: string;
  readonly usageHint: string;
  /** People and channels come as ids, as with `should_escape` in the manifest. */
  readonly shouldEscape?: boolean;
}

/** In the menu of each message. */
export interface MessageShortcut {
  readonly name: string;
  readonly callbackId: string;
}

export interface Settings {
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** What the app was granted. Tests may take some away. */
  readonly scopes: Set<string>;
  readonly commands: readonly Command[];
  readonly shortcuts: readonly MessageShortcut[];
  /** Subscribed events: `app_mention`, `app_home_opened`, `message.im`. */
  readonly events: ReadonlySet<string>;
  /** Where the app wants its requests over HTTP. Without it, it gets them over its sockets. */
  requestUrl: string | undefined;
  /** How fast allowances for calls grow: 1 as in Slack, 10 ten times as fast, `off` without limits. */
  readonly rateLimits: number | 'off';
  readonly ackTimeoutMs: number;
  /** Waits before an event that was not acknowledged is sent again. */
  readonly eventRetryMs: readonly number[];
  /** How long after completing an upload its message appears. */
  readonly fileShareMs: number;
  /** Where the app reaches it, once it listens. */
  url: string;
}

export type SlackOptions = Partial<
  Pick<
    Settings,
    | 'botToken'
    | 'appToken'
    | 'signingSecret'
    | 'commands'
    | 'shortcuts'
    | 'requestUrl'
    | 'rateLimits'
    | 'ackTimeoutMs'
    | 'eventRetryMs'
    | 'fileShareMs'
  >
> & {
  readonly scopes?: readonly string[];
  readonly events?: readonly string[];
  /** Milliseconds since 1970, for what Slack measures: limits, expiry, timestamps. */
  readonly now?: () => number;
  readonly port?: number;
  /** Where the app reaches it, where that is not the loopback address: `http://10.0.0.1:3001`, through a bridge of the caller's. */
  readonly reachedAt?: string;
};

const allScopes = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'im:history',
  'im:read',
  'im:write',
  'reactions:write',
  'usergroups:read',
  'users:read',
];

const mesh: Command = {
  command: '/mesh',
  description: 'Ask about the service mesh',
  usageHint: 'mtls|metrics|traffic|help [namespace or workload]',
  shouldEscape: true,
};

const diagnose: MessageShortcut = { name: 'Diagnose this alert', callbackId: 'diagnose-alert' };

export function settingsFrom(options: SlackOptions): Settings {
  const {
    botToken = 'xoxb-sandbox-bot',
    appToken = 'xapp-sandbox-app',
    signingSecret = 'sandbox-signing-secret',
    scopes = allScopes,
    commands = [mesh],
    shortcuts = [diagnose],
    events = ['app_mention', 'app_home_opened'],
    requestUrl,
    rateLimits = 1,
    ackTimeoutMs = 3_000,
    eventRetryMs = [0, 60_000, 300_000],
    fileShareMs = 50,
  } = options;
  return {
    botToken,
    appToken,
    signingSecret,
    commands,
    shortcuts,
    requestUrl,
    rateLimits,
    ackTimeoutMs,
    eventRetryMs,
    fileShareMs,
    scopes: new Set(scopes),
    events: new Set(events),
    url: '',
  };
}
