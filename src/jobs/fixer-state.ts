import { z } from 'zod';
import type { FixerState } from '../model/fixer-state.ts';
import { prefix } from './open-queues.ts';

const text = z.string().max(1_000);
const unknown = z.object({ status: z.literal('unknown'), why: text });
const asked = <T extends z.ZodType>(value: T) =>
  z.discriminatedUnion('status', [z.object({ status: z.literal('known'), value }), unknown]);
const fixSchema = z.object({
  fix: text,
  grant: text,
  asked: z.number(),
  notAsked: z.number(),
  lacks: z.array(z.object({ namespace: text.exactOptional(), rights: z.array(text), isNamed: z.boolean() })),
});
const stateSchema = z.object({
  version: z.literal(1),
  release: text,
  startedAt: z.iso.datetime(),
  at: z.iso.datetime(),
  policy: asked(text),
  freeze: asked(z.object({ because: text.exactOptional() })).exactOptional(),
  rights: asked(z.array(fixSchema)).exactOptional(),
});

interface Redis {
  get(key: string): Promise<string | null>;
  set(key: string, value: string, unit: 'EX', seconds: number): Promise<unknown>;
}

const keptSeconds = 30 * 24 * 3600;

/** What a cluster's fixer said last. Nothing where none ever did, or one of another version. */
export async function loadFixerState(redis: Redis, cluster: string): Promise<FixerState | undefined> {
  const said = await redis.get(keyOf(cluster));
  return said === null ? undefined : (stateSchema.safeParse(JSON.parse(said)).data as FixerState | undefined);
}

export async function saveFixerState(redis: Redis, cluster: string, state: FixerState): Promise<void> {
  await redis.set(keyOf(cluster), JSON.stringify(stateSchema.parse(state)), 'EX', keptSeconds);
}

function keyOf(cluster: string): string {
  return `${prefix}:fixer-state:${cluster}`;
}
