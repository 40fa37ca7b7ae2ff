import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { WebClient } from '@slack/web-api';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startBot } from '../../src/bot.ts';
import { digestOf } from '../../src/fixes/plan.ts';
import { type AuditLog, auditLog } from '../../src/jobs/audit/audit.ts';
import { remedyQueueName } from '../../src/jobs/fixes/queue.ts';
import { type Remediations, remediations } from '../../src/jobs/fixes/remediations.ts';
import { prefix, queueName } from '../../src/jobs/queue.ts';
import type { Transition } from '../../src/model/life.ts';
import { propose } from '../../src/model/life.ts';
import type { Plan, Remediation } from '../../src/model/remediation.ts';
import { cardMessage } from '../../src/report/fix-card.ts';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { testLog } from '../helpers/log.ts';
import { startRedis, type TestRedis } from '../helpers/redis.ts';
import { plan, view } from '../report/fix-cases.ts';
import { clientOf } from '../sandbox/bolt-app.ts';

export const approvalKey = 'k'.repeat(40);
export const ids = { ana: 'U0ANA000001', ben: 'U0BEN000001', carla: 'U0CARLA0001' };

const policy = `
version: 1
roles:
  sre: { groups: [S0SREONCALL] }
  dev: { users: [${ids.ana}] }
people:
  ${ids.ben}: { user: ben@example.com, groups: [sre] }
fixes:
  - fixes: [require-mtls]
    request: [dev]
    approve: [sre]
    breakGlass: { roles: [dev] }
freeze: { freeze: [everyone], unfreeze: [sre] }
`;

/** The bot with a policy, a fake Slack and a real Redis. There is no worker: cards are posted by the test. */
export interface Fixing {
  readonly slack: FakeSlack;
  readonly redis: TestRedis;
  readonly store: Remediations;
  readonly audit: AuditLog;
  readonly web: WebClient;
  /** Posts the card of a new plan, after the steps. */
  card(changes?: Partial<Plan>, ...steps: readonly ((r: Remediation) => Transition)[]): Promise<Carded>;
  readonly client: Redis;
  /** The commands of the questions that wait. */
  questions(): Promise<readonly { readonly command: string; readonly channel: string }[]>;
  /** The worker's jobs of this kind. */
  jobs(kind: 'propose' | 'advance'): Promise<readonly Record<string, unknown>[]>;
  close(): Promise<void>;
}

export interface Carded {
  readonly id: string;
  readonly plan: Plan;
  readonly message: ReturnType<FakeSlack['messages']>[number];
  now(): Promise<Remediation>;
}

/** More than a test does. */
const patient = 1_000;

/** @param rules replaces the policy. */
export async function startFixing(rules = policy, requestsPerMinute = patient): Promise<Fixing> {
  const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-fixing-'));
  const policyFile = path.join(dir, 'policy.yaml');
  writeFileSync(policyFile, rules);
  const [redis, slack] = await Promise.all([startRedis(), startFakeSlack({ rateLimits: 'off' })]);
  const bot = await startBot(
    {
      redisUrl: redis.url,
      slackApiUrl: slack.apiUrl,
      botToken: slack.botToken,
      transport: { mode: 'socket', appToken: slack.appToken },
      listenHost: '127.0.0.1',
      healthPort: 0,
      logLevel: 'info',
      shutdownMs: 1_000,
      clusters: ['prod'],
      policyFile,
      approvalKey,
      requestsPerMinute,
    },
    {
      topics: [
        {
          id: 'mtls',
          scope: 'namespace',
          title: 'Is traffic encrypted?',
          example: 'mtls bookinfo',
          strictReady: true,
          codes: ['permissive'],
        },
        { id: 'uwm', scope: 'cluster', title: 'Are user projects monitored?', example: 'uwm' },
      ],
      fixes: [
        { id: 'require-mtls', does: 'Demands mTLS.', scope: 'namespace', example: 'fix require-mtls bookinfo' },
        { id: 'other', does: 'Does something else.', scope: 'cluster', example: 'fix other' },
      ],
      log: testLog('info').log,
    },
  );
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  client.on('error', () => {});
  const queue = new Queue(remedyQueueName('prod'), { connection: client, prefix });
  queue.on('error', () => {});
  const checks = new Queue(queueName('prod'), { connection: client, prefix });
  checks.on('error', () => {});
  const store = remediations(client);
  const web = clientOf(slack);
  return {
    slack,
    redis,
    store,
    web,
    audit: auditLog(client),
    client,
    async questions() {
      const jobs = await checks.getJobs(['waiting', 'delayed', 'prioritized']);
      return jobs.map(({ data }) => ({ command: data.command, channel: data.channel }));
    },
    card: (changes = {}, ...steps) => postCard({ slack, store, web }, changes, steps),
    async jobs(kind) {
      const jobs = await queue.getJobs(['waiting', 'delayed', 'prioritized']);
      return jobs.filter(({ name }) => name === kind).map(({ data }) => data);
    },
    async close() {
      await bot.stop();
      await queue.close();
      await checks.close();
      client.disconnect();
      await slack.close();
      await redis.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

async function postCard(
  { slack, store, web }: Pick<Fixing, 'slack' | 'store' | 'web'>,
  changes: Partial<Plan>,
  steps: readonly ((r: Remediation) => Transition)[],
): Promise<Carded> {
  const channel = slack.as('ana').in('#mesh').channel.id;
  const team = slack.workspace.team.id;
  const made = {
    ...plan,
    id: `p${randomBytes(10).toString('hex')}`,
    fix: 'require-mtls',
    target: { cluster: 'prod', namespace: 'bookinfo' },
    requestedBy: { team, user: ids.ana },
    requestedAt: new Date().toISOString(),
    expiresAt: new Date(Date.now() + 600_000).toISOString(),
    channel,
    ...changes,
  };
  const own: Plan = { ...made, digest: digestOf(made) };
  await store.create(propose(own));
  for (const step of steps) await store.change(own.id, step);
  const now = async (): Promise<Remediation> => {
    const found = await store.load(own.id);
    if (found === undefined) throw new Error(`There is no plan ${own.id}`);
    return found;
  };
  const { text, blocks } = cardMessage(await now(), undefined, {
    ...view,
    now: new Date().toISOString(),
    breakGlass: true,
  });
  const { ts = '' } = await web.chat.postMessage({ channel, text, blocks: blocks as [] });
  await store.pin(own.id, { card: { channel, ts } });
  const message = await slack.waitForMessage({ channel: '#mesh', matching: (one) => one.ts === ts });
  return { id: own.id, plan: own, message, now };
}
