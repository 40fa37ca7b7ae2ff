import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { UsageError } from '../../model/sources.ts';
import type { Entry, Kubeconfig } from './kubeconfig.ts';
import { isMap, listOf, mapOf, type PlainMap, present, textOf } from './values.ts';

/** Reads several kubeconfig files as one: of two entries with one name the first counts, as with kubectl. */
export function readKubeconfigs(files: readonly string[]): Kubeconfig {
  const read = files.map((file) => ({ value: readKubeconfig(file), directory: path.dirname(path.resolve(file)) }));
  const current = read.map(({ value }) => textOf(value['current-context'])).find((name) => name !== undefined);
  return {
    where: files.join(' and '),
    contexts: read.flatMap((one) => entries(one.value, one.directory, 'context')),
    clusters: read.flatMap((one) => entries(one.value, one.directory, 'cluster')),
    users: read.flatMap((one) => entries(one.value, one.directory, 'user')),
    ...present({ currentContext: current }),
  };
}

function entries(config: PlainMap, directory: string, kind: 'context' | 'cluster' | 'user'): readonly Entry[] {
  return listOf(config[`${kind}s`]).map((item) => ({
    name: textOf(mapOf(item).name) ?? '',
    value: mapOf(mapOf(item)[kind]),
    directory,
  }));
}

function readKubeconfig(file: string): PlainMap {
  const config = parseKubeconfig(file, readText(file));
  if (config === null) return {};
  if (!isMap(config)) throw new UsageError(`${file} is not a kubeconfig. Name another file with --kubeconfig.`);
  return config;
}

function parseKubeconfig(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    // The parser quotes the line that it stumbled on, which may hold a token: only the place is told.
    const [place] = cause instanceof YAMLParseError ? (cause.linePos ?? []) : [];
    const where = place === undefined ? '' : ` (line ${place.line}, column ${place.col})`;
    throw new UsageError(`${file} is not valid YAML${where}. Mend it, or name another kubeconfig with --kubeconfig.`);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = readFailures[(cause as NodeJS.ErrnoException).code ?? ''] ?? 'cannot be read';
    throw new UsageError(`The kubeconfig ${file} ${why}. Name another file with --kubeconfig, or set KUBECONFIG.`, {
      cause,
    });
  }
}

const readFailures: Readonly<Record<string, string>> = {
  EACCES: 'may not be read by me',
  EISDIR: 'is a directory',
  ENOENT: 'does not exist',
};
