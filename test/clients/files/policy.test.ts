import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { noFixes, PolicyError, readPolicy } from '../../../src/clients/files/policy.ts';
import { fixes } from '../../../src/fixes/index.ts';
import type { Policy } from '../../../src/model/policy.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-policy-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const known = ['require-mtls', 'align-destination-rule-tls'];

const others = { topics: ['mtls', 'proxies'], clusters: ['prod-eu', 'dev'] };

function read(text: string): Policy {
  const file = path.join(dir, 'policy.yaml');
  writeFileSync(file, text);
  return readPolicy(file, known, others);
}

function problemsOf(text: string): readonly string[] {
  try {
    read(text);
  } catch (error) {
    assert.ok(error instanceof PolicyError, String(error));
    return error.problems;
  }
  return [];
}

const base = `
version: 1
roles:
  sre: { users: [U0BEN, U0CARLA] }
  lead: { users: [U0CARLA] }
  group: { groups: [S0SRE] }
`;

describe('a policy file', () => {
  it('may be short', () => {
    const { fixes: rules, freeze, roles, look, digests } = read(`${base}fixes: [{ fixes: ['*'], approve: [sre] }]`);
    assert.deepEqual(rules, [
      {
        fixes: ['*'],
        clusters: ['*'],
        namespaces: ['*'],
        request: ['everyone'],
        approve: ['sre'],
        approvals: 1,
        selfApproval: false,
        expiresMinutes: 30,
        windows: [],
      },
    ]);
    assert.deepEqual(freeze, { freeze: ['everyone'], unfreeze: ['sre'] });
    assert.deepEqual(roles.group, { users: [], groups: ['S0SRE'] });
    assert.deepEqual([look, digests], [undefined, []]);
  });

  it('may say everything', () => {
    const policy = read(`${base}
people: { U0ANA: { user: ana@example.com, groups: [devs] } }
fixes:
  - fixes: [require-mtls]
    clusters: [prod-*]
    namespaces: [bookinfo, web-*]
    request: [lead, group]
    approve: [sre, group]
    approvals: 2
    selfApproval: true
    expiresMinutes: 1440
    windows:
      - { days: mon-wed, from: '09:00', to: '17:30', timeZone: Europe/Berlin }
      - { days: [sat, fri, sat], from: '22:00', to: '24:00', timeZone: UTC }
    breakGlass: { roles: [lead] }
freeze: { freeze: [sre], unfreeze: [lead] }
look: [{ roles: [sre], clusters: [prod-eu], namespaces: [web], channels: [C0MESH, '*'] }]
digests: [{ schedule: weekdays 9:00, namespaces: [bookinfo], topics: [mtls], channel: C0MESH, cluster: prod-eu }]
`);
    assert.deepEqual(policy.people, { U0ANA: { user: 'ana@example.com', groups: ['devs'] } });
    assert.deepEqual(policy.fixes[0]?.windows, [
      { days: [1, 2, 3], from: 540, to: 1050, timeZone: 'Europe/Berlin' },
      { days: [5, 6], from: 1320, to: 1440, timeZone: 'UTC' },
    ]);
    assert.deepEqual(policy.fixes[0]?.breakGlass, { roles: ['lead'], expiresMinutes: 10 });
    assert.deepEqual(policy.freeze, { freeze: ['sre'], unfreeze: ['lead'] });
    assert.deepEqual(policy.look, [
      { roles: ['sre'], clusters: ['prod-eu'], namespaces: ['web'], channels: ['C0MESH', '*'] },
    ]);
    assert.equal(policy.digests[0]?.schedule, 'weekdays 9:00');
  });

  it('is known by its bytes', () => {
    const text = `${base}# ä comment\n`;
    assert.equal(read(text).hash, createHash('sha256').update(text).digest('hex'));
    assert.notEqual(read(`${text} `).hash, read(text).hash);
  });

  it('of which it is not known what there is may name any topic and cluster', () => {
    const file = path.join(dir, 'any.yaml');
    const one = '{ schedule: daily 9:00, namespaces: [a], channel: C0MESH, topics: [new], cluster: other }';
    writeFileSync(file, `version: 1\ndigests: [${one}]\n`);
    assert.equal(readPolicy(file, known).digests.length, 1);
  });

  it('need not be there: then nobody may fix anything, and everybody may stop it', () => {
    assert.deepEqual([noFixes.fixes, noFixes.freeze], [[], { freeze: ['everyone'], unfreeze: [] }]);
  });

  it('has an example that can be followed, with every fix there is', () => {
    const file = 'deploy/fixes/policy.example.yaml';
    const ids = fixes.map(({ id }) => id);
    assert.ok(readPolicy(file, ids).fixes.length > 0);
    const text = readFileSync(file, 'utf8');
    for (const id of ids) assert.ok(text.includes(id), id);
  });

  it('is explained with files that can be followed', () => {
    const page = readFileSync('docs/policy.md', 'utf8');
    const examples = Array.from(page.matchAll(/^```yaml\n(version: 1\n[\s\S]*?)^```/gm), ([, text = '']) => text);
    assert.ok(examples.length > 0);
    const file = path.join(dir, 'docs.yaml');
    for (const text of examples) {
      writeFileSync(file, text);
      readPolicy(
        file,
        fixes.map(({ id }) => id),
      );
    }
  });
});

describe('a policy file with a mistake', () => {
  const fix = (more: string) => `${base}fixes: [{ fixes: [require-mtls], approve: [sre], ${more} }]`;
  const digest = (more: string) =>
    `${base}digests: [{ schedule: daily 9:00, namespaces: [a], channel: C0MESH, ${more} }]`;
  const namesOf = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`).join(', ');
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['nothing in it', '', /^The file has to be/],
    ['a list', '- 1', /^The file has to be/],
    ['no version', 'roles: {}', /^version is missing/],
    ['another version', 'version: 2', /^version has to be 1/],
    ['an unknown key', `${base}frezee: {}`, /^frezee .*`freeze`/],
    ['an unknown key in a rule', fix('selfaproval: true'), /^fixes\[0\]\.selfaproval .*`selfApproval`/],
    ['a role that is not defined', fix('request: [sres]'), /^fixes\[0\]\.request\[0\] .*`sre`/],
    ['a role of the language', fix('request: [constructor]'), /^fixes\[0\]\.request\[0\] /],
    ['a fix that is not there', `${base}fixes: [{ fixes: [requir-mtls], approve: [sre] }]`, /`require-mtls`/],
    ['no approvers', `${base}fixes: [{ fixes: ['*'] }]`, /^fixes\[0\]\.approve is missing/],
    ['an empty list of approvers', `${base}fixes: [{ fixes: ['*'], approve: [] }]`, /^fixes\[0\]\.approve is empty/],
    ['a fraction', fix('approvals: 1.5'), /^fixes\[0\]\.approvals /],
    ['no approvals', fix('approvals: 0'), /^fixes\[0\]\.approvals /],
    ['too long an expiry', fix('expiresMinutes: 1441'), /^fixes\[0\]\.expiresMinutes /],
    ['yes for true', fix('selfApproval: yes'), /^fixes\[0\]\.selfApproval .*true or false/],
    ['capitals in a name', fix('clusters: [Prod]'), /^fixes\[0\]\.clusters\[0\] /],
    ['a name for a role that is taken', 'version: 1\nroles: { everyone: { users: [U0BEN] } }', /^roles\.everyone /],
    ['a role without anybody', 'version: 1\nroles: { sre: {} }', /^roles\.sre has nobody/],
    ['a name for an id', 'version: 1\nroles: { sre: { users: ["@ben"] } }', /^roles\.sre\.users\[0\] /],
    ['an id of a user for a group', 'version: 1\nroles: { sre: { groups: [U0BEN] } }', /^roles\.sre\.groups\[0\] /],
    ['a name for a person', `${base}people: { ben: { user: ben } }`, /^people\.ben /],
    ['nobody for a person', `${base}people: { U0BEN: { user: '' } }`, /^people\.U0BEN\.user /],
    ['the cluster for a person', `${base}people: { U0BEN: { user: system:admin } }`, /^people\.U0BEN\.user /],
    [
      'its masters for a group',
      `${base}people: { U0BEN: { user: b, groups: [system:masters] } }`,
      /^people\.U0BEN\.groups\[0\] /,
    ],
    [
      'a day that is none',
      fix(`windows: [{ days: fri-mon, from: '09:00', to: '10:00', timeZone: UTC }]`),
      /\.days\[0\] /,
    ],
    ['a time that is none', fix(`windows: [{ days: mon, from: '9', to: '10:00', timeZone: UTC }]`), /\.from /],
    [
      'a zone that is none',
      fix(`windows: [{ days: mon, from: '09:00', to: '10:00', timeZone: Europe/Berln }]`),
      /`Europe\/Berlin`/,
    ],
    [
      'an empty window',
      fix(`windows: [{ days: mon, from: '09:00', to: '09:00', timeZone: UTC }]`),
      /windows\[0\] is empty/,
    ],
    ['no emergency roles', fix('breakGlass: { roles: [] }'), /^fixes\[0\]\.breakGlass\.roles is empty/],
    ['a name for a channel', `${base}look: [{ channels: ['#mesh'] }]`, /^look\[0\]\.channels\[0\] /],
    [
      'a digest for nobody',
      `${base}digests: [{ schedule: daily 9:00, namespaces: [a] }]`,
      /^digests\[0\]\.channel is missing/,
    ],
    ['a topic that is not there', digest('topics: [mtsl]'), /^digests\[0\]\.topics\[0\] .*`mtls`/],
    ['a cluster that is not there', digest('cluster: prod-us'), /^digests\[0\]\.cluster .*`prod-eu`/],
    [
      'a digest of too many namespaces',
      `${base}digests: [{ schedule: daily 9:00, channel: C0MESH, namespaces: [${namesOf(21)}] }]`,
      /^digests\[0\]\.namespaces has more than 20/,
    ],
    [
      'too many digests',
      `${base}digests:\n${'  - { schedule: daily 9:00, namespaces: [a], channel: C0MESH }\n'.repeat(201)}`,
      /^digests has more than 200/,
    ],
    ['more approvals than people', fix('approvals: 3'), /^fixes\[0\] asks for 3/],
    [
      'one who asks and would approve',
      `${base}fixes: [{ fixes: ['*'], request: [lead], approve: [lead] }]`,
      /^fixes\[0\] can never be satisfied/,
    ],
    [
      'two accounts of one person as two approvers',
      `${fix('approvals: 2')}\npeople: { U0BEN: { user: b }, U0CARLA: { user: b } }`,
      /^fixes\[0\] asks for 2/,
    ],
    [
      'a rule that an earlier one covers',
      `${base}fixes: [{ fixes: ['*'], clusters: [prod-*], approve: [sre] }, { fixes: [require-mtls], clusters: [prod-eu*], approve: [sre] }]`,
      /^fixes\[1\] can never decide: fixes\[0\]/,
    ],
  ];
  for (const [what, text, expected] of cases) {
    it(`says it: ${what}`, () => {
      const problems = problemsOf(text);
      assert.equal(problems.length, 1, problems.join('\n'));
      assert.match(problems[0] ?? '', expected);
    });
  }

  const fine: readonly (readonly [string, string])[] = [
    ['a group may have enough people', `${base}fixes: [{ fixes: ['*'], approve: [group], approvals: 5 }]`],
    [
      'one may approve alone where that is wanted',
      `${base}fixes: [{ fixes: ['*'], request: [lead], approve: [lead], selfApproval: true }]`,
    ],
    [
      'one of two who ask may approve for the other',
      `${base}fixes: [{ fixes: ['*'], request: [sre], approve: [sre] }]`,
    ],
    [
      'a later rule may be wider',
      `${base}fixes: [{ fixes: [require-mtls], approve: [sre] }, { fixes: ['*'], approve: [sre] }]`,
    ],
    ['two accounts of one person', `${base}people: { U0BEN: { user: b }, U0BEN2: { user: b } }`],
  ];
  for (const [what, text] of fine) {
    it(`is none: ${what}`, () => assert.deepEqual(problemsOf(text), []));
  }

  it('has a line where it is not YAML, for each that is wrong', () => {
    const problems = problemsOf('version: 1\nroles: {}\nroles: {}\nfixes: [\n');
    assert.ok(problems.length >= 2);
    assert.match(problems[0] ?? '', /^Line 3, /);
  });

  it('has nothing of it in force where it has two documents', () => {
    assert.equal(problemsOf('version: 1\n---\nversion: 1\n').length, 1);
  });

  it('is no file', () => {
    assert.throws(() => readPolicy(path.join(dir, 'none.yaml'), known), /ENOENT/);
    assert.throws(() => readPolicy(dir, known), PolicyError);
  });

  it('says all ten of ten', () => {
    const problems = problemsOf(`
version: 3
roles:
  sre: { users: [ben], groups: [S0SRE] }
  lead: { users: [U0CARLA] }
people:
  U0BEN: { user: system:masters }
fixes:
  - fixes: [no-such-fix]
    approve: [srr]
    expiresMinutes: 0
  - fixes: [require-mtls]
    approve: [lead]
    approvals: 2
  - fixes: [align-destination-rule-tls]
    approve: [lead]
    windows: [{ days: mon-fri, from: '09:00', to: '17:00', timeZone: Mars/Olympus }]
  - fixes: [require-mtls]
    approve: [sre]
fix: []
`);
    const places = problems.map((one) => one.split(' ')[0]);
    assert.deepEqual(places.toSorted(), [
      'fix',
      'fixes[0].approve[0]',
      'fixes[0].expiresMinutes',
      'fixes[0].fixes[0]',
      'fixes[1]',
      'fixes[2].windows[0].timeZone',
      'fixes[3]',
      'people.U0BEN.user',
      'roles.sre.users[0]',
      'version',
    ]);
  });
});
