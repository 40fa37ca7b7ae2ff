import path from 'node:path';
import { LineCounter, parseAllDocuments, type YAMLError } from 'yaml';
import { UsageError } from '../../model/sources.ts';
import type { TextFile } from './read-files.ts';

/** One YAML document, or a JSON file. */
export interface FileDocument {
  readonly value: unknown;
  /** For messages: `a.yaml, document 2 (line 14)`. */
  readonly place: string;
  /** What to add to a complaint about it, where the file is no plain manifest. */
  readonly hint: string;
}

/**
 * Reads all documents of a file; empty ones are left out.
 *
 * @throws UsageError with file, line and column where it is not valid.
 */
export function* documentsOf({ file, text }: TextFile): Generator<FileDocument> {
  const hint = hintFor(file, text);
  const json = /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) {
    yield { value: json, place: file, hint };
    return;
  }
  let number = 0;
  let single = true;
  for (const chunk of chunksOf(text)) {
    for (const { value, line } of parseChunk(chunk, file, hint)) {
      number += 1;
      single &&= chunk.last && number === 1;
      yield { value, place: single ? file : `${file}, document ${number} (line ${line})`, hint };
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // YAML takes JSON too, and its parser says where it is broken.
    return undefined;
  }
}

interface Chunk {
  readonly text: string;
  /** Lines before it. */
  readonly line: number;
  readonly last: boolean;
}

/** Cuts at `---`: many small documents are parsed much faster than one large stream. */
function* chunksOf(text: string): Generator<Chunk> {
  const starts = [
    0,
    ...Array.from(text.matchAll(/^---(?=[ \t\r\n]|$)/gm), ({ index }) => index).filter((at) => at > 0),
  ];
  let line = 0;
  for (const [index, start] of starts.entries()) {
    const chunk = text.slice(start, starts[index + 1]);
    yield { text: chunk, line, last: index === starts.length - 1 };
    line += chunk.split('\n').length - 1;
  }
}

function* parseChunk({ text, line }: Chunk, file: string, hint: string): Generator<{ value: unknown; line: number }> {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, merge: true, logLevel: 'error' } as const;
  for (const document of parseAllDocuments(text, options)) {
    const [error] = document.errors;
    if (error !== undefined) throw broken(error, file, line, lines, hint);
    if (document.contents === null) continue;
    const start = document.contents.range?.[0] ?? 0;
    try {
      const value: unknown = document.toJS();
      if (value !== null) yield { value, line: line + lines.linePos(start).line };
    } catch (cause) {
      throw new UsageError(`${file} uses more YAML aliases than I follow. Write them out. ${hint}`.trim(), { cause });
    }
  }
}

function broken(error: YAMLError, file: string, before: number, lines: LineCounter, hint: string): UsageError {
  const { line, col } = lines.linePos(error.pos[0]);
  const what = error.message.split('\n', 1)[0]?.replace(/[.:]$/, '');
  return new UsageError(
    `${file}, line ${before + line}, column ${col}: this is not valid YAML: ${what}. ${hint || 'Mend it and ask again.'}`,
  );
}

const renderHelm = 'It is part of a Helm chart: render that first (helm template CHART | meshbot … --files -).';

function hintFor(file: string, text: string): string {
  if (text.includes('{{') || /^(chart|values)\.ya?ml$/i.test(path.basename(file))) return renderHelm;
  return '';
}
