import { z } from 'zod';
import type { WorkerState } from '../model/worker-state.ts';
import { keptState } from './kept-state.ts';

const text = z.string().max(1_000);
const rightsSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('known'),
    account: text,
    held: z.number(),
    lacks: z.array(
      z.object({ right: text, evidence: z.array(text), fixes: z.array(text).exactOptional(), grant: text }),
    ),
    forward: z.object({ held: z.number(), asked: z.number(), grant: text }).exactOptional(),
  }),
  z.object({ status: z.literal('unknown'), why: text }),
]);
const stateSchema = z.object({
  version: z.literal(1),
  release: text,
  startedAt: z.iso.datetime(),
  at: z.iso.datetime(),
  source: text,
  policy: text.exactOptional(),
  rights: rightsSchema.exactOptional(),
  slack: z.object({ at: z.iso.datetime(), code: text.exactOptional() }).exactOptional(),
  metrics: z.object({ source: text, why: text.exactOptional() }).exactOptional(),
});

const kept = keptState<WorkerState>('worker-state', stateSchema);

/** Of several workers of one cluster, the one that spoke last. Nothing where none ever did, or one of another version. */
export const loadWorkerState = kept.load;
export const saveWorkerState = kept.save;
