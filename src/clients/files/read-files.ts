import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { UsageError } from '../../model/sources.ts';

export interface TextFile {
  /** As the user wrote it, with what was found below. */
  readonly file: string;
  readonly text: string;
}

export interface Limits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  readonly files: number;
}

const usualLimits: Limits = { fileBytes: 64 << 20, totalBytes: 256 << 20, files: 10_000 };
const readable = /\.(ya?ml|json)$/i;
const archive = /\.(tar|tgz|tar\.(gz|xz|bz2|zst)|zip|gz)$/i;

/**
 * Reads files, directories with all that is below them (YAML and JSON, in the order of their names), and `-` for
 * standard input. What is reached twice is read once.
 *
 * @throws UsageError
 */
export async function readFiles(
  paths: readonly string[],
  stdin: Readable,
  limits = usualLimits,
): Promise<readonly TextFile[]> {
  const seen = new Set<string>();
  const files: string[] = [];
  for (const one of paths) files.push(...(one === '-' ? ['-'] : await filesAt(one, seen)));
  if (files.length > limits.files) {
    throw new UsageError(
      `${paths.join(', ')}: ${files.length} files are more than I read at once (${limits.files}). Name fewer.`,
    );
  }
  const texts: TextFile[] = [];
  let total = 0;
  for (const file of files) {
    const bytes = await readBytes(file, file === '-' ? stdin : createReadStream(file), limits.fileBytes);
    total += bytes.length;
    if (total > limits.totalBytes) throw tooLarge(paths.join(', '), limits.totalBytes);
    texts.push({ file: file === '-' ? 'standard input' : file, text: textOf(bytes, file) });
  }
  return texts;
}

async function filesAt(one: string, seen: Set<string>): Promise<readonly string[]> {
  if (archive.test(one))
    throw new UsageError(`${one} is an archive. Unpack it first (tar -xf ${one}), then name the directory.`);
  const found = await look(one);
  if (!found.isDirectory()) return (await isNew(one, seen)) ? [one] : [];
  const files = await walk(one, seen);
  if (files.length > 0) return files;
  throw new UsageError(
    `${one} holds no .yaml, .yml or .json files that were not named before. Name a file or another directory.`,
  );
}

/** A directory that is a link to one above it ends here: it was seen already. */
async function walk(directory: string, seen: Set<string>): Promise<readonly string[]> {
  if (!(await isNew(directory, seen))) return [];
  const files: string[] = [];
  const names = (await readdir(directory).catch((error) => fail(directory, error))).toSorted();
  for (const name of names.filter((one) => !one.startsWith('.'))) {
    const entry = path.join(directory, name);
    // A link that leads nowhere is of no interest unless its name says that we should read it.
    const found = readable.test(name) ? await look(entry) : await stat(entry).catch(() => undefined);
    if (found?.isDirectory()) files.push(...(await walk(entry, seen)));
    else if (found?.isFile() && readable.test(name) && (await isNew(entry, seen))) files.push(entry);
  }
  return files;
}

async function isNew(one: string, seen: Set<string>): Promise<boolean> {
  const real = await realpath(one).catch(() => one);
  const before = seen.size;
  return seen.add(real).size > before;
}

function look(one: string) {
  return stat(one).catch((error) => fail(one, error));
}

async function readBytes(file: string, stream: Readable, limit: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of stream as AsyncIterable<Buffer | string>) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      size += bytes.length;
      if (size > limit) throw tooLarge(file, limit);
      parts.push(bytes);
    }
  } catch (error) {
    throw error instanceof UsageError ? error : fail(file, error);
  }
  return Buffer.concat(parts);
}

function textOf(bytes: Buffer, file: string): string {
  const text = decode(bytes);
  if (text === undefined || text.includes('\0')) {
    throw new UsageError(`${file} is not text in UTF-8. Name YAML or JSON files only.`);
  }
  return text;
}

function decode(bytes: Buffer): string | undefined {
  try {
    // A byte order mark is dropped.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function tooLarge(what: string, limit: number): UsageError {
  return new UsageError(`${what} is larger than ${limit >> 20} MB. Name only the objects that matter.`);
}

const failures: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by me',
  ELOOP: 'is a link that leads back to itself',
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
};

function fail(file: string, cause: unknown): never {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  throw new UsageError(`${file} ${failures[code] ?? `cannot be read (${code})`}. Check the path.`, { cause });
}
