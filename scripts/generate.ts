// Writes what is made from the code: deploy/base/rbac.yaml, deploy/slack-manifest.yaml, the tables in
// docs/configuration.md. A test fails while one of them is stale.
//
//   npm run generate
import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { readerRules } from '../src/collectors/rights.ts';
import { type Variable, variables } from '../src/environment.ts';
import { slackManifest, surfaces } from '../src/slack-manifest.ts';

const root = new URL('../', import.meta.url);
const header = (source: string) => `# Made by \`npm run generate\` from ${source}: change that, not this.\n`;
const processes = ['both', 'bot', 'worker'] as const;
const headings = { both: 'Both processes', bot: 'The bot', worker: 'The worker' } as const;

/** The content that each generated file should have, by its path from the root of the repository. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    ['deploy/base/rbac.yaml', rbac()],
    ['deploy/slack-manifest.yaml', `${header('src/slack-manifest.ts')}${stringify(slackManifest(surfaces))}`],
    ['docs/configuration.md', withTables('docs/configuration.md')],
  ]);
}

function rbac(): string {
  const apiGroup = 'rbac.authorization.k8s.io';
  const name = 'mesh-reader';
  const apiVersion = `${apiGroup}/v1`;
  const role = { apiVersion, kind: 'ClusterRole', metadata: { name }, rules: readerRules() };
  const binding = {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup, kind: 'ClusterRole', name },
    subjects: [{ kind: 'ServiceAccount', name: 'worker', namespace: 'meshbot' }],
  };
  return `${header('what the collectors in src/collectors/ read')}${[role, binding].map((one) => stringify(one)).join('---\n')}`;
}

/** A document with its generated part replaced: what stands between the two marks. */
function withTables(path: string): string {
  const text = readFileSync(new URL(path, root), 'utf8');
  const marked = /(<!-- generated: variables -->\n)[\s\S]*?(<!-- end -->)/;
  if (!marked.test(text))
    throw new Error(`${path} has no place for the table: <!-- generated: variables --> … <!-- end -->`);
  return text.replace(marked, (_, begin, end) => `${begin}\n${tables()}\n${end}`);
}

function tables(): string {
  return processes
    .map((one) => {
      const rows = variables.filter(({ process }) => process === one).map(row);
      return `## ${headings[one]}\n\n| variable | default | what it is |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
    })
    .join('\n');
}

function row({ name, required, default: value, meaning }: Variable): string {
  const standard = value === undefined ? '' : `\`${value}\``;
  return `| \`${name}\` | ${required ? '**required**' : standard} | ${meaning.replaceAll('|', '\\|')} |`;
}

if (import.meta.main) {
  for (const [path, content] of generated()) writeFileSync(new URL(path, root), content);
}
