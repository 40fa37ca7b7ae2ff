// Makes package-lock.json complete, so that `npm ci` accepts it everywhere: a registry that does not have an optional package of
// another platform leaves it out of the lockfile that `npm install` writes. Run it after every `npm install`.
//
//   node scripts/complete-lock.mjs [--check] [package-lock.json]      --check only says what is missing, and exits 1
import { readFileSync, writeFileSync } from 'node:fs';

const check = process.argv[2] === '--check';
const file = process.argv[check ? 3 : 2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(file, 'utf8'));
const missing = missingEntries(lock.packages);
for (const { name, version } of missing) console.log(`${check ? 'missing' : 'added'} ${name}@${version}`);
if (check) process.exitCode = missing.length > 0 ? 1 : 0;
else writeFileSync(file, `${JSON.stringify({ ...lock, packages: completed(lock.packages) }, null, 2)}\n`);

/** The optional packages of exact versions that a lockfile's packages name but do not describe: `npm ci` refuses it for them. */
function missingEntries(packages) {
  const found = new Map();
  for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
    for (const [name, version] of Object.entries(optionalDependencies)) {
      if (/^\d/.test(version) && !name.includes('wasm32') && !isDescribed(packages, path, name))
        found.set(name, version);
    }
  }
  return Array.from(found, ([name, version]) => ({ name, version }));
}

/** As Node.js looks a package up: in the package's own node_modules, then in each one above it. */
function isDescribed(packages, path, name) {
  if (packages[`${path === '' ? '' : `${path}/`}node_modules/${name}`]) return true;
  const above = path.slice(0, Math.max(0, path.lastIndexOf('node_modules/') - 1));
  return path !== '' && isDescribed(packages, above, name);
}

function completed(packages) {
  const added = missing.map(({ name, version }) => [
    `node_modules/${name}`,
    { version, optional: true, ...platformOf(name) },
  ]);
  return Object.fromEntries([...Object.entries(packages), ...added].sort(([a], [b]) => a.localeCompare(b, 'en')));
}

/** The platform that a package is for, as its name says: @scope/thing-linux-x64-musl. One that names none is never installed. */
function platformOf(name) {
  const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'aix', 'sunos'];
  const processors = ['arm64', 'x64', 'ia32', 'arm', 'ppc64', 's390x', 'riscv64', 'loong64', 'mips64el'];
  const parts = name.split(/[-/]/);
  const named = (known) => {
    const those = known.filter((one) => parts.includes(one));
    return those.length > 0 ? those : ['none'];
  };
  return { os: named(systems), cpu: named(processors), ...(/musl/.test(name) && { libc: ['musl'] }) };
}
