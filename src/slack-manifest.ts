/** What a person can do in Slack, and what the app may do: the surfaces of `handlers/` and the calls of `clients/`. */
export interface SlackSurfaces {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly {
    readonly command: string;
    readonly description: string;
    readonly usageHint: string;
  }[];
  /** Each scope with the calls that need it. Without an optional one, something is worse but nothing fails. */
  readonly scopes: readonly {
    readonly scope: string;
    readonly calls: readonly string[];
    readonly optional?: true;
    readonly why: string;
  }[];
  readonly events: readonly string[];
  /** In the menu of each message. */
  readonly shortcuts: readonly { readonly name: string; readonly callbackId: string; readonly description: string }[];
}

export const surfaces: SlackSurfaces = {
  name: 'meshbot',
  description:
    'Answers questions about an Istio or OpenShift service mesh, with the evidence, and fixes what people approve',
  commands: [
    {
      command: '/mesh',
      description: 'Ask about the service mesh',
      usageHint: 'mtls NAMESPACE[/WORKLOAD], digest, fix, or help',
    },
  ],
  scopes: [
    { scope: 'commands', calls: [], why: 'the command /mesh, and the shortcut in the menu of messages' },
    { scope: 'app_mentions:read', calls: [], why: 'being asked by name, and asked again in a thread' },
    {
      scope: 'chat:write',
      calls: ['chat.postMessage', 'chat.update', 'chat.getPermalink'],
      why: 'answers, in channels it is invited to',
    },
    {
      scope: 'files:write',
      calls: ['files.getUploadURLExternal', 'files.completeUploadExternal'],
      why: 'what does not fit into a message',
    },
    {
      scope: 'im:write',
      calls: ['conversations.open'],
      why: 'an answer to the asker alone, where the bot is not in the channel',
    },
    {
      scope: 'channels:history',
      calls: ['conversations.history', 'conversations.replies'],
      optional: true,
      why: 'finding its own message again after the confirmation was lost, instead of posting twice: public channels',
    },
    {
      scope: 'groups:history',
      calls: ['conversations.history', 'conversations.replies'],
      optional: true,
      why: 'the same in private channels',
    },
    {
      scope: 'channels:read',
      calls: ['conversations.info'],
      optional: true,
      why: 'whether people of other workspaces read along in a public channel, and whether the one of a digest is still there',
    },
    {
      scope: 'groups:read',
      calls: ['conversations.info'],
      optional: true,
      why: 'the same in private channels',
    },
    {
      scope: 'users:read',
      calls: ['users.info'],
      optional: true,
      why: 'fixes: whether whoever asks or approves is a guest, a bot, deactivated, or of another workspace',
    },
    {
      scope: 'usergroups:read',
      calls: ['usergroups.users.list'],
      optional: true,
      why: 'fixes: who is in the user groups that the policy names',
    },
  ],
  events: ['app_home_opened', 'app_mention'],
  shortcuts: [
    {
      name: 'Diagnose this alert',
      callbackId: 'diagnose-alert',
      description: 'Looks at the namespace that the message is about, and answers in its channel',
    },
  ],
};

/**
 * The app manifest: Socket Mode, buttons on, App Home. Nobody can write to the app itself: it would not hear it.
 *
 * @see https://docs.slack.dev/reference/app-manifest
 */
export function slackManifest({ name, description, commands, scopes, events, shortcuts }: SlackSurfaces) {
  const named = (optional: boolean) =>
    scopes.filter((one) => (one.optional ?? false) === optional).map(({ scope }) => scope);
  return {
    _metadata: { major_version: 2 },
    display_information: { name, description },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: true },
      bot_user: { display_name: name, always_online: true },
      slash_commands: commands.map(({ command, description: what, usageHint }) => ({
        command,
        description: what,
        usage_hint: usageHint,
        should_escape: true,
      })),
      shortcuts: shortcuts.map(({ name: label, callbackId, description: what }) => ({
        name: label,
        type: 'message',
        callback_id: callbackId,
        description: what,
      })),
    },
    oauth_config: { scopes: { bot: [...named(false), ...named(true)], bot_optional: named(true) } },
    settings: {
      event_subscriptions: { bot_events: [...events] },
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
}
