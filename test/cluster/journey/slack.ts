import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FakeSlack, type SlackOptions, startFakeSlack } from '../../../src/sandbox/slack/index.ts';
import type { TestCluster } from '../cluster.ts';

interface Node {
  readonly items: readonly [{ readonly status: { readonly addresses: readonly [{ readonly address: string }] } }];
}

/**
 * The fake Slack beside the cluster: it runs in the test, which drives it, and pods reach it at the node's address. A
 * Unix socket leads out of the cluster's network, which has no other way out.
 */
export async function slackBeside(cluster: TestCluster, options: SlackOptions = {}): Promise<FakeSlack> {
  const { items } = await cluster.get<Node>('nodes');
  const [{ address }] = items[0].status.addresses;
  const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-bridge-'));
  const socket = path.join(dir, 'slack.sock');
  const bridge = spawn(
    'bash',
    ['test/cluster/cluster', 'exec', process.execPath, path.join(import.meta.dirname, 'bridge.ts'), address, socket],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const port = await firstLine(bridge);
  const slack = await startFakeSlack({ ...options, reachedAt: `http://${address}:${port}` });
  const outside = await listenOn(socket, Number(new URL(slack.url).port));
  return {
    ...slack,
    async close() {
      bridge.stdin?.end();
      outside.close();
      await slack.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The bridge has no output');
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('The bridge into the cluster ended')));
  const [chunk] = await Promise.race([once(child.stdout, 'data'), ended]);
  ended.catch(() => {});
  return String(chunk).trim();
}

/** What comes out of the cluster goes to the fake Slack on loopback. */
async function listenOn(socket: string, port: number): Promise<Server> {
  const server = createServer((one) => {
    const other = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
    }
  });
  server.listen(socket);
  await once(server, 'listening');
  return server;
}
