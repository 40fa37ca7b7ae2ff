import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BotStatus, ClusterStatus } from '../../src/model/bot-status.ts';
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
  rights: { status: 'known', account: 'worker', held: 22, lacks: [] },
};
const there = { alive: true, seenAt: at };
const none = { count: 0 };
const calm: ClusterStatus = { worker: there, fixer: there, questions: none, fixes: none, digests: none, state };

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
    freeze: known(undefined),
    ...changes,
  };
}

const slack = (changes: Partial<BotStatus['slack']>) => status({ slack: { ...status().slack, ...changes } });
const lacks = [{ right: 'list pods', evidence: ['workloads', 'proxies'], grant: 'grant.yaml' }];
const policy = 'f'.repeat(64);

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
    given: status({ policy }, { fixer: { alive: false }, state: { ...state, policy } }),
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
