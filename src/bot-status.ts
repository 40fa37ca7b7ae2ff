import type { WebClient } from '@slack/web-api';
import type { Redis } from 'ioredis';
import { failureOf } from './clients/slack-failure.ts';
import { scopesOf } from './clients/slack-scopes.ts';
import type { BotConfig } from './config.ts';
import type { FixDeps } from './handlers/deps.ts';
import type { AuditWatch } from './jobs/audit/watch.ts';
import type { OpenQueues } from './jobs/open-queues.ts';
import { asked, lookAround } from './jobs/status.ts';
import type { BotStatus } from './model/bot-status.ts';
import { release } from './release.ts';
import { surfaces } from './slack-manifest.ts';
import type { Transport } from './transport.ts';

export interface StatusSources {
  readonly redis: Redis;
  /** Stay open: metrics look at them all the time. */
  readonly queues: OpenQueues;
  readonly client: WebClient;
  readonly audit: Pick<AuditWatch, 'sight'>;
  readonly receiver: Transport['receiver'];
  /** Absent: fixes are off. */
  readonly fixes: Pick<FixDeps, 'policy' | 'remediations'> | undefined;
}

/** Looks at all that the bot stands on, for `/mesh status`. Never throws. */
export function botStatus({ clusters, transport }: BotConfig, sources: StatusSources): () => Promise<BotStatus> {
  const { redis, queues, client, receiver, fixes, audit } = sources;
  const needed = surfaces.scopes.map(({ scope, why, optional }) => ({ scope, why, ...(optional && { optional }) }));
  const sockets = () => ('connected' in receiver ? { sockets: receiver.connected() } : {});
  return async () => {
    const [around, granted, freeze] = await Promise.all([
      lookAround(redis, clusters, new Date(), queues),
      asked(() => scopesOf(client), noScopes),
      asked(async () => fixes?.remediations.freeze.get()),
    ]);
    return {
      at: new Date().toISOString(),
      release: release(),
      ...(fixes !== undefined && { policy: fixes.policy.hash }),
      slack: { mode: transport.mode, ...sockets(), granted, needed },
      ...around,
      audit: audit.sight(),
      freeze,
    };
  };
}

function noScopes(error: unknown): string {
  return `Slack does not say which scopes I have: ${failureOf(error).code}.`;
}
