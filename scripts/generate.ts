// Writes what is made from the code: deploy/base/rbac.yaml, the Roles in deploy/fixes/, deploy/slack-manifest.yaml, the
// tables in docs/configuration.md. A test fails while one of them is stale.
//
//   npm run generate
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { readerRules } from '../src/collectors/rights.ts';
import { type Variable, variables } from '../src/environment.ts';
import { fixes } from '../src/fixes/index.ts';
import type { Fix, FixRight } from '../src/model/fix.ts';
import { slackManifest, surfaces } from '../src/slack-manifest.ts';

const root = new URL('../', import.meta.url);
const everyProcess = 'the bot and the worker and the fixer';
const header = (source: string) => `# Made by \`npm run generate\` from ${source}: change that, not this.\n`;

/** The content that each generated file should have, by its path from the root of the repository. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    ['deploy/base/rbac.yaml', rbac()],
    ['deploy/slack-manifest.yaml', `${header('src/slack-manifest.ts')}${stringify(slackManifest(surfaces))}`],
    ...fixes.flatMap((fix) => [
      [`deploy/fixes/${fix.id}/role.yaml`, roles(fix)] as const,
      [`deploy/fixes/${fix.id}/kustomization.yaml`, kustomization(fix)] as const,
    ]),
    ['docs/configuration.md', withTables('docs/configuration.md')],
  ]);
}

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1`;

function rbac(): string {
  const name = 'mesh-reader';
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

/** What the fixer may for one fix: a Role for each namespace that its rights name. */
function roles(fix: Fix): string {
  const places = Map.groupBy(fix.rights, ({ namespace }) => namespace);
  const objects = Array.from(places).flatMap(([namespace, rights]) => {
    if (namespace === undefined) throw new Error(`${fix.id} needs a right outside namespaces, which no Role can give`);
    const labels = { 'app.kubernetes.io/part-of': 'meshbot-fixes' };
    const metadata = { name: `meshbot-${fix.id}`, ...(namespace !== 'target' && { namespace }), labels };
    const subjects = [{ kind: 'ServiceAccount', name: 'fixer', namespace: 'meshbot' }];
    return [
      { apiVersion, kind: 'Role', metadata, rules: [...rights.map(ruleOf), events] },
      { apiVersion, kind: 'RoleBinding', metadata, roleRef: { apiGroup, kind: 'Role', name: metadata.name }, subjects },
    ];
  });
  return `${header(`the rights of src/fixes/${fix.id}.ts`)}${objects.map((one) => stringify(one)).join('---\n')}`;
}

/** To say on the object what was done to it. */
const events = { apiGroups: [''], resources: ['events'], verbs: ['create'] };

function ruleOf({ resource, names, verbs }: FixRight) {
  const resourceNames = names !== undefined && { resourceNames: names };
  return { apiGroups: [resource.group], resources: [resource.plural], ...resourceNames, verbs };
}

function kustomization(fix: Fix): string {
  const anywhere = fix.rights.some(({ namespace }) => namespace === 'target');
  const lines = [
    `# Lets the fixer do \`${fix.id}\`${anywhere ? ' in one namespace; repeat it for each that it may change' : ''}:`,
    '#',
    `#   kubectl apply ${anywhere ? '-n NAMESPACE ' : ''}-k deploy/fixes/${fix.id}`,
  ];
  const content = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: ['role.yaml'] };
  return `${lines.join('\n')}\n${stringify(content)}`;
}

/** A document with its generated part replaced: what stands between the two marks. */
function withTables(path: string): string {
  const text = readFileSync(new URL(path, root), 'utf8');
  const marked = /(<!-- generated: variables -->\n)[\s\S]*?(<!-- end -->)/;
  if (!marked.test(text))
    throw new Error(`${path} has no place for the table: <!-- generated: variables --> … <!-- end -->`);
  return text.replace(marked, (_, begin, end) => `${begin}\n${tables()}\n${end}`);
}

/** One table for each set of processes, the most common variables first. */
function tables(): string {
  const groups = Map.groupBy(variables, ({ processes }: Variable) =>
    processes.map((one) => `the ${one}`).join(' and '),
  );
  return Array.from(groups)
    .toSorted(([, [one]], [, [other]]) => (other?.processes.length ?? 0) - (one?.processes.length ?? 0))
    .map(([readers, rows]) => {
      const heading = readers === everyProcess ? 'Every process' : `${readers[0]?.toUpperCase()}${readers.slice(1)}`;
      return `## ${heading}\n\n| variable | default | what it is |\n| --- | --- | --- |\n${rows.map(row).join('\n')}\n`;
    })
    .join('\n');
}

function row({ name, processes, requiredBy, default: value, meaning }: Variable): string {
  const by = requiredBy.length === processes.length ? '' : ` by the ${requiredBy.join(', the ')}`;
  const standard = value === undefined ? '' : `\`${value}\``;
  return `| \`${name}\` | ${requiredBy.length > 0 ? `**required**${by}` : standard} | ${meaning.replaceAll('|', '\\|')} |`;
}

if (import.meta.main) {
  for (const [path, content] of generated()) {
    const file = new URL(path, root);
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, content);
  }
}
