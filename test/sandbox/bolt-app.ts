import { App, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import type { FakeSlack } from '../../src/sandbox/slack/index.ts';

export interface RunningApp {
  readonly app: App;
  stop(): Promise<void>;
}

const noRetries = { retries: 0 };

/** A client as an app has it: the real one, without its patience. */
export function clientOf(slack: FakeSlack, token: string = slack.botToken): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    retryConfig: noRetries,
    rejectRateLimitedCalls: true,
    logLevel: LogLevel.ERROR,
  });
}

/** An app behind Socket Mode. */
export async function socketApp(slack: FakeSlack, listen: (app: App) => void): Promise<RunningApp> {
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logLevel: LogLevel.ERROR,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 5, minTimeout: 20 } } },
  });
  const app = createApp(slack, receiver);
  listen(app);
  await app.start();
  return { app, stop: () => receiver.client.disconnect() };
}

/** An app behind a request URL. The workspace is told where it is. */
export async function httpApp(slack: FakeSlack, listen: (app: App) => void): Promise<RunningApp> {
  const receiver = new HTTPReceiver({ signingSecret: slack.signingSecret, logLevel: LogLevel.ERROR });
  const app = createApp(slack, receiver);
  listen(app);
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The app has no address');
  slack.deliverTo(`http://127.0.0.1:${address.port}/slack/events`);
  return {
    app,
    async stop() {
      server.closeAllConnections();
      await receiver.stop();
    },
  };
}

function createApp(slack: FakeSlack, receiver: SocketModeReceiver | HTTPReceiver): App {
  const app = new App({
    token: slack.botToken,
    receiver,
    convoStore: false,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: noRetries, rejectRateLimitedCalls: true },
  });
  app.error(async () => {});
  return app;
}
