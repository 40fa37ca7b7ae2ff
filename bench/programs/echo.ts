import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';

/** The least that answers a command over Socket Mode: Bolt, with everything as it comes. */
const { SLACK_API_URL: slackApiUrl = '', SLACK_BOT_TOKEN: token = '', SLACK_APP_TOKEN: appToken = '' } = process.env;

const receiver = new SocketModeReceiver({
  appToken,
  logLevel: LogLevel.ERROR,
  installerOptions: { clientOptions: { slackApiUrl } },
});
const app = new App({ token, receiver, logLevel: LogLevel.ERROR, clientOptions: { slackApiUrl } });
app.command('/mesh', async ({ command, ack }) => ack({ response_type: 'ephemeral', text: command.text }));
await app.start();
process.once('SIGTERM', () => process.exit(0));
process.stdout.write('ready\n');
