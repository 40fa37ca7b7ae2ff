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
}

export const surfaces: SlackSurfaces = {
  name: 'meshbot',
  description: 'Answers questions about an Istio or OpenShift service mesh, with the evidence',
  commands: [
    { command: '/mesh', description: 'Ask about the service mesh', usageHint: 'mtls NAMESPACE[/WORKLOAD], or help' },
  ],
  scopes: [
    { scope: 'commands', calls: [], why: 'the command /mesh' },
    { scope: 'chat:write', calls: ['chat.postMessage', 'chat.update'], why: 'answers, in channels it is invited to' },
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
  ],
};

/**
 * The app manifest: Socket Mode, buttons on, nothing subscribed to.
 *
 * @see https://docs.slack.dev/reference/app-manifest
 */
export function slackManifest({ name, description, commands, scopes }: SlackSurfaces) {
  const named = (optional: boolean) =>
    scopes.filter((one) => (one.optional ?? false) === optional).map(({ scope }) => scope);
  return {
    _metadata: { major_version: 2 },
    display_information: { name, description },
    features: {
      app_home: { home_tab_enabled: false, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: name, always_online: true },
      slash_commands: commands.map(({ command, description: what, usageHint }) => ({
        command,
        description: what,
        usage_hint: usageHint,
        should_escape: true,
      })),
    },
    oauth_config: { scopes: { bot: [...named(false), ...named(true)], bot_optional: named(true) } },
    settings: {
      interactivity: { is_enabled: true },
      org_deploy_enabled: false,
      socket_mode_enabled: true,
      token_rotation_enabled: false,
    },
  };
}
