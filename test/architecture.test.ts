import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

/**
 * What each folder of src/ may import: other folders (or single files), and packages.
 * Everything points at the model; nothing points back up. Files directly in src/ wire it together.
 */
const allowed: Record<string, { src: string[]; packages: string[] }> = {
  model: { src: [], packages: [] },
  mesh: { src: ['model'], packages: [] },
  checks: { src: ['model', 'mesh'], packages: [] },
  topics: { src: ['model', 'mesh', 'checks'], packages: [] },
  digests: { src: ['model'], packages: ['node:crypto'] },
  fixes: { src: ['model', 'mesh'], packages: ['diff', 'node:crypto', 'yaml'] },
  report: { src: ['model'], packages: ['@slack/types', 'yaml'] },
  collectors: { src: ['model', 'mesh'], packages: ['yaml'] },
  clients: {
    src: ['model'],
    packages: [
      '@kubernetes/client-node',
      '@slack/bolt',
      '@slack/socket-mode',
      '@slack/web-api',
      'ioredis',
      'lru-cache',
      'p-limit',
      'rfc6902',
      'undici',
      'ws',
      'yaml',
      'zod',
      'node:*',
    ],
  },
  jobs: {
    src: ['model', 'topics', 'fixes', 'digests', 'report', 'collectors'],
    packages: ['bullmq', 'cron-parser', 'zod', 'node:crypto'],
  },
  handlers: {
    src: [
      'model',
      'report',
      'jobs/queue.ts',
      'jobs/fixes/emergencies.ts',
      'jobs/fixes/queue.ts',
      'jobs/fixes/remediations.ts',
      'jobs/digests/schedules.ts',
      'jobs/digests/history.ts',
      'jobs/mutes.ts',
      'jobs/names.ts',
      'jobs/recent.ts',
    ],
    packages: ['@slack/bolt', '@slack/types', 'node:crypto', 'node:http'],
  },
  sandbox: { src: ['model', 'clients/files'], packages: ['ioredis', 'ws', 'zod', 'node:*'] },
};

const pure = ['model', 'mesh', 'checks', 'topics', 'fixes', 'digests', 'report'];
/** Interfaces of what others do: they name promises and make none. */
const contracts = ['sources.ts', 'writer.ts'].map((name) => path.join('src', 'model', name));
const impure =
  /\b(?:async |await |Promise\b|Date\.now|new Date\(\)|Math\.random|process\.|fetch\(|setTimeout|console\.)/;

const files = globSync('src/*/**/*.ts');

describe('architecture', () => {
  it('has files to look at', () => {
    assert.notEqual(files.length, 0);
  });

  for (const file of files) {
    const [, folder = ''] = file.split(path.sep);
    const text = readFileSync(file, 'utf8');

    it(`${file} imports only what ${folder}/ may`, () => {
      const rule = allowed[folder];
      assert.ok(rule, `src/${folder}/ is not in the table of this test: say what it may import`);
      for (const specifier of importsOf(text)) {
        assert.ok(mayImport(folder, rule, file, specifier), `${file} must not import ${specifier}`);
      }
    });

    it(`${file} is of a size to be read at once`, () => {
      const lines = text.split('\n').length - 1;
      assert.ok(lines <= 200, `${file} has ${lines} lines; split it`);
    });

    if (pure.includes(folder) && !contracts.includes(file)) {
      it(`${file} is pure`, () => {
        const found = impure.exec(withoutComments(text));
        assert.equal(found, null, `${file} uses ${found?.[0]}; I/O, clocks and waiting belong in collectors/ or jobs/`);
      });
    }
  }
});

function importsOf(text: string): string[] {
  return Array.from(text.matchAll(/(?:\bfrom |^import |\bimport\()'([^']+)'/gm), ([, specifier]) => specifier ?? '');
}

function mayImport(folder: string, rule: (typeof allowed)[string], file: string, specifier: string): boolean {
  if (!specifier.startsWith('.')) {
    return rule.packages.some((one) => one === specifier || (one === 'node:*' && specifier.startsWith('node:')));
  }
  const imported = path.relative('src', path.join(path.dirname(file), specifier));
  return [folder, ...rule.src].some((place) => imported === place || imported.startsWith(`${place}${path.sep}`));
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
