import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Snapshot } from '../../model/evidence.ts';
import { UsageError } from '../../model/sources.ts';

const envelope = z.object({
  version: z.literal(1),
  target: z.object({
    cluster: z.string(),
    namespace: z.string().optional(),
    workload: z.string().optional(),
    from: z.array(z.string()).optional(),
  }),
  takenAt: z.iso.datetime(),
  evidence: z.record(
    z.string(),
    z.object({ status: z.enum(['collected', 'missing']), source: z.string(), at: z.string() }).loose(),
  ),
});

/**
 * Reads a snapshot that `meshbot snapshot` saved.
 *
 * @throws UsageError where the file is none.
 */
export function readSnapshot(file: string): Snapshot {
  const parsed = envelope.safeParse(parseJson(file));
  if (parsed.success) return parsed.data as unknown as Snapshot;
  throw new UsageError(
    `${file} is not a snapshot of this version of meshbot. Make a new one: meshbot snapshot NAMESPACE > ${file}.`,
  );
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`I cannot read ${file} as a snapshot: ${why}.`, { cause });
  }
}
