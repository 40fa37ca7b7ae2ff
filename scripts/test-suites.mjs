import { globSync, statSync } from 'node:fs';
import path from 'node:path';

const names = ['unit', 'parts', 'journeys', 'cluster'];

/** Where tests need no more than the code: no Redis, no process, no waiting. */
const alone =
  /^test\/((checks|clients|collectors|digests|fixes|mesh|model|report|topics)\/|(architecture|config|conventions|examples|log)\.)/;

/** Which suite a test file belongs to. Tests in a browser are journeys, wherever they are. */
export function suiteOf(file) {
  const place = file.split(path.sep).join('/');
  if (place.startsWith('test/cluster/')) return 'cluster';
  if (place.startsWith('test/journeys/') || /^test\/sandbox\/page[^/]*\.test\.ts$/.test(place)) return 'journeys';
  return alone.test(place) ? 'unit' : 'parts';
}

export function filesOf(suite) {
  return below('test').filter((file) => suiteOf(file) === suite);
}

/** The suites that the command line asks for: by name, as files or folders, or all of them. */
export function choose(wanted) {
  const asked = wanted.length > 0 ? wanted : names;
  const suites = asked.filter((one) => names.includes(one)).map((name) => ({ name }));
  const files = asked.filter((one) => !names.includes(one)).flatMap(filesAt);
  const chosen = names.map((name) => ({ name, files: files.filter((file) => suiteOf(file) === name) }));
  return [...suites, ...chosen.filter((suite) => suite.files.length > 0)];
}

function filesAt(place) {
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found) {
    console.error(`There is no suite, file or folder '${place}'. Suites: ${names.join(', ')}.`);
    process.exit(2);
  }
  return found.isDirectory() ? below(path.relative('.', place)) : [path.relative('.', place)];
}

function below(folder) {
  return globSync(`${folder}/**/*.test.ts`).sort();
}
