import { z } from 'zod';
import type { FixerState } from '../model/fixer-state.ts';
import { keptState } from './kept-state.ts';

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

const kept = keptState<FixerState>('fixer-state', stateSchema);

/** What a cluster's fixer said last. Nothing where none ever did, or one of another version. */
export const loadFixerState = kept.load;
export const saveFixerState = kept.save;
