import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BotStatus, ClusterStatus } from '../../src/model/bot-status.ts';
import type { FixerState, FixRightsState } from '../../src/model/fixer-state.ts';
import type { WorkerState } from '../../src/model/worker-state.ts';
import { plainText, problemsOf } from '../../src/report/slack-message.ts';
import { statusMessage } from '../../src/report/status.ts';
import { problemsIn } from '../../src/report/status-problems.ts';

const at = '2026-11-25T12:00:00.000Z';
const known = <T>(value: T) => ({ status: 'known', value }) as const;
const unknown = { status: 'unknown', why: 'It does not answer.' } as const;
const state: WorkerState = {
  version: 1,
  release: '1.2.0',
  startedAt: '2026-11-24T12:00:00.000Z',
  at: '2026-11-25T11:58:00.000Z',
  source: 'https://api.prod:6443',
  rights: {
    status: 'known',
    account: 'worker',
    held: 22,
    lacks: [],
    forward: { held: 3, asked: 3, grant: 'forward.yaml' },
  },
  slack: { at: '2026-11-25T11:58:00.000Z' },
};
const there = { alive: true, seenAt: at };
const none = { count: 0 };
const policy = 'f'.repeat(64);
const bound: FixRightsState = { fix: 'require-mtls', grant: 'role.yaml', asked: 2, notAsked: 0, lacks: [] };
const fixerState: FixerState = {
  version: 1,
  release: '1.2.0',
  startedAt: '2026-11-24T12:00:00.000Z',
  at: '2026-11-25T11:59:00.000Z',
  policy: known(policy),
  freeze: known({}),
  rights: known([bound]),
};
const queues = { questions: none, remedies: none, applies: none, digesting: none, digests: none };
const calm: ClusterStatus = { worker: there, fixer: there, ...queues, state, fixerState };

function status(changes: Partial<BotStatus> = {}, prod: Partial<ClusterStatus> = {}): BotStatus {
  return {
    at,
    release: '1.2.0',
    slack: {
      mode: 'socket',
      sockets: 2,
      granted: known(['chat:write', 'users:read']),
      needed: [
        { scope: 'chat:write', why: 'answers' },
        { scope: 'users:read', why: 'who people are', optional: true },
      ],
    },
    redis: known({ latencyMs: 1, server: known({ version: '8.2.1', usedBytes: 5_000_000, maxBytes: 0 }) }),
    clusters: [{ name: 'prod', found: known({ ...calm, ...prod }) }],
    audit: known({ at }),
    freeze: known(undefined),
    ...changes,
  };
}

const slack = (changes: Partial<BotStatus['slack']>) => status({ slack: { ...status().slack, ...changes } });
const lacks = [{ right: 'list pods', evidence: ['workloads', 'proxies'], grant: 'grant.yaml' }];
/** Where fixes are on. */
const fixing = (prod: Partial<ClusterStatus>) => status({ policy }, { state: { ...state, policy }, ...prod });
const fixer = (changes: Partial<FixerState>) => fixing({ fixerState: { ...fixerState, ...changes } });
const lacking = (isNamed: boolean, ...names: readonly string[]) =>
  known([{ ...bound, lacks: names.map((namespace) => ({ namespace, rights: ['patch peers'], isNamed })) }]);
const minutesAgo = '2026-11-25T11:50:00.000Z';

const cases: readonly { name: string; given: BotStatus; problems: readonly string[]; says: RegExp }[] = [
  { name: 'a store that is away', given: status({ redis: unknown }), problems: ['error'], says: /REDIS_URL/ },
  {
    name: 'a store that is slow and nearly full',
    given: status({
      redis: known({ latencyMs: 900, server: known({ version: '8', usedBytes: 95, maxBytes: 100 }) }),
    }),
    problems: ['warning', 'warning'],
    says: /maxmemory/,
  },
  { name: 'no socket', given: slack({ sockets: 0 }), problems: ['error'], says: /No socket/ },
  { name: 'scopes that are not known', given: slack({ granted: unknown }), problems: ['unknown'], says: /again/ },
  {
    name: 'a scope that is needed, and one that is good to have',
    given: slack({ granted: known([]) }),
    problems: ['error', 'warning'],
    says: /users:read: who people are/,
  },
  {
    name: 'a worker that is away, with what waits for it',
    given: status({}, { worker: { alive: false, seenAt: at }, questions: { count: 3, since: state.startedAt } }),
    problems: ['error'],
    says: /3 questions wait/,
  },
  {
    name: 'a worker that never was',
    given: status({}, { worker: { alive: false } }),
    problems: ['error'],
    says: /no worker +has ever been seen next: .*CLUSTER must be prod/,
  },
  {
    name: 'a worker that says nothing of itself any more',
    given: status({}, { state: { ...state, at: '2026-11-25T11:00:00.000Z' } }),
    problems: ['unknown'],
    says: /does not say/,
  },
  {
    name: 'a right that is lacking, by what is not seen without it',
    given: status({}, { state: { ...state, rights: { status: 'known', account: 'worker', held: 21, lacks } } }),
    problems: ['warning'],
    says: /no workloads without: list pods[\s\S]*grant\.yaml/,
  },
  {
    name: 'rights that are not known',
    given: status({}, { state: { ...state, rights: unknown } }),
    problems: ['unknown'],
    says: /It does not answer/,
  },
  {
    name: 'a worker of another version',
    given: status({}, { state: { ...state, release: '1.1.0' } }),
    problems: ['warning'],
    says: /1\.1\.0, I am 1\.2\.0/,
  },
  {
    name: 'a worker with another policy',
    given: status({ policy }, { state: { ...state, policy: 'a'.repeat(64) } }),
    problems: ['warning'],
    says: /another policy/,
  },
  {
    name: 'a fixer that is away, where fixes are on',
    given: fixing({ fixer: { alive: false } }),
    problems: ['warning'],
    says: /deploy\/fixes/,
  },
  {
    name: 'a question that waits for long',
    given: status({}, { questions: { count: 1, since: '2026-11-25T11:58:00.000Z' } }),
    problems: ['warning'],
    says: /WORKER_CONCURRENCY/,
  },
  {
    name: 'a worker that Slack refuses, though its token is good and nothing is late yet',
    given: status({}, { state: { ...state, slack: { at, code: 'account_inactive' } } }),
    problems: ['error'],
    says: /account_inactive[\s\S]*SLACK_BOT_TOKEN/,
  },
  {
    name: 'a worker that does not say whether it reaches Slack',
    given: status({}, { state: { ...state, slack: undefined } as unknown as WorkerState }),
    problems: ['unknown'],
    says: /reaches Slack is not known/,
  },
  {
    name: 'a worker whose Prometheus does not answer',
    given: status({}, { state: { ...state, metrics: { source: 'http://prometheus:9090', why: 'It is away.' } } }),
    problems: ['warning'],
    says: /prometheus:9090[\s\S]*It is away/,
  },
  {
    name: 'questions that were put off',
    given: status({}, { questions: { count: 8, putOff: 8, since: minutesAgo } }),
    problems: ['warning'],
    says: /8 questions were put off[\s\S]*Delivery put off/,
  },
  {
    name: 'plans and changes that wait for long',
    given: fixing({ remedies: { count: 1, since: minutesAgo }, applies: { count: 1, since: minutesAgo } }),
    problems: ['warning', 'warning'],
    says: /oldest plan[\s\S]*oldest change[\s\S]*log of its fixer/,
  },
  {
    name: 'a digest that was asked for and waits for long',
    given: status({}, { digesting: { count: 1, since: minutesAgo } }),
    problems: ['warning'],
    says: /oldest digest/,
  },
  {
    name: 'a plan that no fix makes without a right',
    given: status({}, {
      state: {
        ...state,
        rights: {
          ...{ status: 'known', account: 'worker', held: 22 },
          lacks: [{ right: 'get peers', evidence: [], fixes: ['require-mtls'], grant: 'grant.yaml' }],
        },
      },
    } as const),
    problems: ['warning'],
    says: /no plan of require-mtls without: get peers[\s\S]*grant\.yaml/,
  },
  {
    name: 'a fixer that says nothing of itself any more',
    given: fixer({ at: minutesAgo }),
    problems: ['unknown'],
    says: /fixer does not say/,
  },
  {
    name: 'a fixer of another version, with another policy',
    given: fixer({ release: '1.1.0', policy: known('a'.repeat(64)) }),
    problems: ['warning', 'warning'],
    says: /fixer is 1\.1\.0[\s\S]*another policy/,
  },
  {
    name: 'a fixer that cannot follow its policy',
    given: fixer({ policy: unknown }),
    problems: ['error'],
    says: /applies nothing[\s\S]*It does not answer/,
  },
  {
    name: 'a freeze by a ConfigMap',
    given: fixer({ freeze: known({ because: 'a release' }) }),
    problems: ['warning'],
    says: /ConfigMap[\s\S]*a release/,
  },
  {
    name: 'a freeze by a ConfigMap that the fixer cannot see',
    given: fixer({ freeze: unknown }),
    problems: ['error'],
    says: /cannot see[\s\S]*deploy\/fixes\/fixer/,
  },
  {
    name: 'rights that the fixer lacks where the policy names the place',
    given: fixer({ rights: lacking(true, 'bookinfo') }),
    problems: ['warning'],
    says: /require-mtls in 1 of 2 namespaces[\s\S]*bookinfo: patch peers[\s\S]*role\.yaml/,
  },
  {
    name: 'rights that the fixer has nowhere',
    given: fixer({ rights: lacking(false, 'bookinfo', 'payments') }),
    problems: ['warning'],
    says: /require-mtls in 2 of 2 namespaces/,
  },
  {
    name: 'rights of the fixer that are not known',
    given: fixer({ rights: unknown }),
    problems: ['unknown'],
    says: /It does not answer/,
  },
  {
    name: 'an audit log that is broken',
    given: status({ audit: known({ at, broken: { at: 7, why: 'It was changed.' } }) }),
    problems: ['error'],
    says: /record 7[\s\S]*was changed/,
  },
  {
    name: 'an audit log that nobody has walked',
    given: status({ audit: unknown }),
    problems: ['unknown'],
    says: /audit log/,
  },
  {
    name: 'a digest that is overdue',
    given: status({}, { digests: { count: 2, since: '2026-11-25T08:00:00.000Z' } }),
    problems: ['warning'],
    says: /2 digests are overdue/,
  },
  {
    name: 'a cluster of which nothing is known, though the store answers',
    given: status({ clusters: [{ name: 'prod', found: unknown }] }),
    problems: ['unknown'],
    says: /nothing is known/,
  },
  {
    name: 'a freeze that is not known, though the store answers',
    given: status({ freeze: unknown }),
    problems: ['unknown'],
    says: /stopped is not known/,
  },
  {
    name: 'a freeze, by whom and why',
    given: status({ freeze: known({ by: { team: 'T1', user: 'U1' }, at, because: 'of the <move>' }) }),
    problems: ['warning'],
    says: /of the <move>[\s\S]*unfreeze/,
  },
];

describe('status', () => {
  it('is a few lines where all is well', () => {
    const { text, blocks } = statusMessage(status());
    assert.match(text, /^✔/);
    assert.deepEqual(problemsIn(status()), []);
    assert.ok(
      plainText(blocks)
        .split('\n')
        .filter((line) => line.trim() !== '').length <= 6,
    );
  });

  const unasked: readonly { name: string; given: BotStatus; says: RegExp }[] = [
    {
      name: 'how full Redis is, where it does not say',
      given: status({ redis: known({ latencyMs: 1, server: unknown }) }),
      says: /how full Redis is/,
    },
    {
      name: 'proxies, where no namespace is known',
      given: status({}, { state: { ...state, rights: { status: 'known', account: 'worker', held: 22, lacks: [] } } }),
      says: /proxies .* in prod/,
    },
    {
      name: 'rights of a fixer in a cluster that has no one to ask',
      given: fixing({ fixerState: { ...fixerState, rights: undefined } as unknown as FixerState }),
      says: /fixer of prod/,
    },
    {
      name: 'rights of a fix, where no namespace is known',
      given: fixer({ rights: known([{ ...bound, asked: 0 }]) }),
      says: /rights of require-mtls in prod/,
    },
    {
      name: 'rights in more namespaces than are asked about',
      given: fixer({ rights: known([{ ...bound, notAsked: 30 }]) }),
      says: /30 more namespaces of prod/,
    },
  ];
  for (const { name, given, says } of unasked) {
    it(`is well only in what was asked, and names what was not: ${name}`, () => {
      const { text, blocks } = statusMessage(given);
      assert.deepEqual(problemsIn(given), []);
      assert.match(text, /^✔ All I asked is well: .*; not asked: /);
      assert.match(text, says);
      assert.match(plainText(blocks), says);
    });
  }

  it('is well where all was asked', () => {
    assert.match(statusMessage(fixing({})).text, /^✔ All is well: /);
  });

  it('names where a fix may be applied, and where proxies may be asked, as far as that goes', () => {
    const rights = { ...state.rights, forward: { held: 1, asked: 3, grant: 'forward.yaml' } } as WorkerState['rights'];
    const given = fixing({
      state: { ...state, policy, rights } as WorkerState,
      fixerState: { ...fixerState, rights: lacking(false, 'bookinfo') },
    });
    assert.deepEqual(problemsIn(given), []);
    const said = plainText(statusMessage(given).blocks);
    assert.match(said, /proxies themselves in 1 of 3 namespaces \(else forward\.yaml\)/);
    assert.match(said, /require-mtls may be applied in 1 of 2 namespaces \(else role\.yaml\)/);
  });

  it('does not say that nothing waits while jobs are put off', () => {
    const given = status({}, { questions: { count: 1, putOff: 1, since: at } });
    const said = plainText(statusMessage(given).blocks);
    assert.match(said, /1 question waits \(1 put off\)/);
    assert.doesNotMatch(said, /nothing waits/);
  });

  it('is well without a fixer where fixes are off', () => {
    assert.deepEqual(problemsIn(status({}, { fixer: { alive: false } })), []);
  });

  for (const { name, given, problems, says } of cases) {
    it(`tells of ${name}`, () => {
      assert.deepEqual(
        problemsIn(given).map(({ severity }) => severity),
        problems,
      );
      assert.match(plainText(statusMessage(given).blocks), says);
      assert.doesNotMatch(statusMessage(given).text, /^✔/);
    });
  }

  it('says the worst first', () => {
    const bad = status({ slack: { ...status().slack, granted: known(['chat:write']) } }, { worker: { alive: false } });
    assert.match(statusMessage(bad).text, /^✖ prod: no worker.*1 more problem/);
  });

  it('does not ask for rights that Redis does not give', () => {
    const given = status({ redis: known({ latencyMs: 1, server: unknown }) });
    assert.deepEqual(problemsIn(given), []);
    assert.match(plainText(statusMessage(given).blocks), /It does not answer/);
  });

  it('stays within what Slack takes, whatever is wrong', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      right: `list ${'x'.repeat(60)}${index}`,
      evidence: ['workloads', 'services', 'proxies', 'namespaces'],
      grant: 'kubectl apply -f deploy/base/rbac.yaml',
    }));
    const worst = {
      ...state,
      release: '0.1.0',
      rights: { status: 'known', account: 'worker', held: 0, lacks: many },
    } as const;
    const clusters = Array.from({ length: 50 }, (_, index) => ({
      name: `${'cluster'.repeat(8)}-${index}`,
      found: known({ ...calm, state: worst, questions: { count: 9, since: state.startedAt } }),
    }));
    const message = statusMessage({ ...slack({ granted: known([]) }), clusters });
    assert.deepEqual(problemsOf(message), []);
  });
});
