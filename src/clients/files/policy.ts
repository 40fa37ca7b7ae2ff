import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { everyone, type Policy } from '../../model/policy.ts';
import { isRoleName } from './policy-fields.ts';
import { problemsOf } from './policy-problems.ts';
import { fixRuleSchema, type Names, peopleSchema, policySchema, roleSchema } from './policy-schema.ts';
import { type Readable, senseProblems } from './policy-sense.ts';

/** The policy file cannot be followed. Nothing of it is in force. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  /** All there are, each with its place and the next step. */
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[], cause?: unknown) {
    super(`${file} is no policy that I can follow:\n${problems.map((one) => `- ${one}`).join('\n')}`, { cause });
    this.problems = problems;
  }
}

const mostBytes = 1 << 20;

/** In force where there is no policy file: nobody may fix anything, and everybody may stop it. */
export const noFixes: Policy = {
  roles: {},
  people: {},
  fixes: [],
  freeze: { freeze: [everyone], unfreeze: [] },
  digests: [],
  hash: hashOf(Buffer.alloc(0)),
};

/**
 * Reads the policy file.
 *
 * @param fixes ids of all fixes that there are.
 * @param others what digests may be about; what is left out there is not looked at.
 * @throws PolicyError with all that is wrong with it.
 */
export function readPolicy(
  file: string,
  fixes: readonly string[],
  others: Pick<Names, 'topics' | 'clusters'> = {},
): Policy {
  const bytes = bytesOf(file);
  const content = contentOf(file, bytes);
  const names = { ...others, roles: roleNames(content), fixes };
  const parsed = policySchema(names).safeParse(content, { reportInput: true });
  const problems = [...(parsed.error?.issues.flatMap(problemsOf) ?? []), ...senseProblems(readableOf(content, names))];
  if (!parsed.success || problems.length > 0) throw new PolicyError(file, problems);
  const { version, freeze, ...policy } = parsed.data;
  const approvers = [...new Set(policy.fixes.flatMap(({ approve }) => approve))];
  return { ...policy, freeze: { unfreeze: approvers, ...freeze }, hash: hashOf(bytes) };
}

function bytesOf(file: string): Buffer {
  try {
    const bytes = readFileSync(file);
    if (bytes.length <= mostBytes) return bytes;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    throw new PolicyError(file, [`It cannot be read (${code}). Check the path and who may read it.`], cause);
  }
  throw new PolicyError(file, ['It is larger than 1 MB. Name a policy file.']);
}

function contentOf(file: string, bytes: Buffer): unknown {
  const lineCounter = new LineCounter();
  const document = parseDocument(bytes.toString(), { lineCounter, prettyErrors: false, logLevel: 'error' });
  const broken = [...document.errors, ...document.warnings].map(({ pos: [start], message }) => {
    const { line, col } = lineCounter.linePos(start);
    return `Line ${line}, column ${col}: ${message.split('\n', 1)[0]?.replace(/[.:]$/, '')}. Mend it first.`;
  });
  if (broken.length > 0) throw new PolicyError(file, broken);
  try {
    return document.toJS();
  } catch (cause) {
    throw new PolicyError(file, ['It has more aliases than I follow. Write them out.'], cause);
  }
}

function roleNames(content: unknown): readonly string[] {
  const { roles } = z
    .object({ roles: z.record(z.string(), z.unknown()).catch({}) })
    .catch({ roles: {} })
    .parse(content);
  return Object.keys(roles).filter(isRoleName);
}

/** Each rule, role and person that can be read, however broken the rest is. */
function readableOf(content: unknown, names: Names): Readable {
  const role = roleSchema.nullable().catch(null);
  const rule = fixRuleSchema(names).nullable().catch(null);
  return z
    .object({
      roles: z.record(z.string(), role).catch({}).default({}),
      people: peopleSchema.catch({}).default({}),
      fixes: z.array(rule).catch([]).default([]),
    })
    .catch({ roles: {}, people: {}, fixes: [] })
    .parse(content);
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
