import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixHelp } from '../../../src/fixes/help.ts';
import { parseCommand } from '../../../src/handlers/commands/parse.ts';
import { asks } from '../../../src/jobs/asks.ts';
import { auditLog } from '../../../src/jobs/audit/audit.ts';
import { StoreDown } from '../../../src/jobs/audit/commit.ts';
import { runPropose } from '../../../src/jobs/fixes/propose.ts';
import { prefix } from '../../../src/jobs/open-queues.ts';
import { SourceError } from '../../../src/model/sources.ts';
import { calmly } from '../../helpers/check-bench.ts';
import { brokenRule, fixBench, fixJob } from '../../helpers/fix-bench.ts';
import { policyWith } from '../../helpers/fixer.ts';

const minute = 60_000;

const actions = (blocks: unknown): string[] =>
  Array.from(JSON.stringify(blocks).matchAll(/"action_id":"([^"]+)"/g), ([, action = '']) => action);

describe('a request for a fix', () => {
  const bench = fixBench();

  it('can be made again in the thread of the card', async () => {
    await bench.propose();
    const stored = await asks(bench.redis).load(`root:C1:${bench.roots()[0]?.ts}`);
    const clusters = ['prod'];
    assert.deepEqual(parseCommand(stored?.command ?? '', { topics: [], fixes: fixHelp(), clusters }), {
      kind: 'fix',
      fix: fixJob.fix,
      target: fixJob.target,
    });
  });

  it('becomes a plan whose card takes the place of the first word', async () => {
    assert.deepEqual(await bench.propose(), { status: 'done' });
    const { state, plan, card } = await bench.load();
    assert.equal(state, 'proposed');
    assert.deepEqual(plan.target, fixJob.target);
    assert.equal(plan.change.name, 'reviews-v1-only');
    assert.equal(bench.roots().length, 1);
    assert.deepEqual(card, { channel: 'C1', ts: bench.roots()[0]?.ts });
    assert.ok(actions(bench.roots()[0]?.blocks).includes('fix-approve'));
    const files = bench.replies().flatMap((one) => one.files ?? []);
    assert.equal(files.length, 1, 'the whole change, as a file');
    assert.equal(bench.cluster.writes.length, 0);
  });

  it('is planned though another plan cannot be read', async () => {
    const key = `${prefix}:remediation:p-of-a-newer-version`;
    await bench.redis.hset(key, { version: '1', value: '{"format":2}' });
    await bench.redis.zadd(`${prefix}:remediations-open:prod`, '+inf', 'p-of-a-newer-version');
    await bench.propose();
    assert.equal(await bench.state(), 'proposed');
  });

  it('is answered once, however often the job is run', async () => {
    await bench.propose();
    const before = bench.slack.messages.length;
    await bench.propose();
    assert.equal(bench.slack.messages.length, before);
  });

  it('goes on where a worker died after the plan was kept', async () => {
    const died = bench.deps({
      queues: { ...bench.deps().queues, wake: async () => Promise.reject(new Error('killed')) },
    });
    await runPropose({ ...fixJob, requestedAt: bench.now.toISOString() }, died, calmly());
    await bench.propose();
    assert.equal(bench.roots().length, 1);
    assert.equal(await bench.state(), 'proposed');
  });

  it('is refused where the policy has no rule for it', async () => {
    await bench.propose({}, { policy: policyWith({ namespaces: ['other'] }) });
    assert.equal(await bench.store.load(fixJob.requestId), undefined);
    assert.equal(bench.roots().length, 1);
    assert.deepEqual(actions(bench.roots()[0]?.blocks), []);
    assert.deepEqual(bench.counted, ['not-planned']);
  });

  it('is in the audit log where it is refused, once, with the reason', async () => {
    bench.slack.failWhen((method) => (method === 'chat.update' ? { status: 503 } : undefined));
    const refusing = { policy: policyWith({ namespaces: ['other'] }) };
    for (let run = 0; run < 3; run += 1) {
      assert.equal((await bench.propose({}, refusing)).status, 'later');
      bench.later(minute);
    }
    bench.slack.failWhen(() => undefined);
    assert.equal((await bench.propose({}, refusing)).status, 'done');
    const [record, ...more] = await auditLog(bench.redis).last(10);
    assert.deepEqual(more, []);
    assert.deepEqual([record?.kind, record?.by, record?.plan], ['refused', fixJob.requestedBy, fixJob.requestId]);
    assert.deepEqual([record?.cluster, record?.target, record?.fix], ['prod', 'bookinfo/reviews-v1-only', fixJob.fix]);
    assert.ok(record?.says.includes('lets nobody'), record?.says);
  });

  it('is answered too where its refusal cannot be recorded', async () => {
    const append = async () => Promise.reject(new StoreDown('Redis does not answer.'));
    await bench.propose({}, { policy: policyWith({ namespaces: ['other'] }), audit: { append } });
    assert.match(bench.roots()[0]?.text ?? '', /lets nobody/);
  });

  it('keeps what its plan changes in the audit log', async () => {
    await bench.propose();
    const [record] = await auditLog(bench.redis).last(10, { plan: fixJob.requestId });
    assert.equal(record?.kind, 'proposed');
    assert.equal(record?.diff, (await bench.load()).plan.diff);
  });

  it('is refused with the recipe’s own words', async () => {
    await bench.propose({ target: { cluster: 'prod', namespace: 'bookinfo', name: 'nothing' } });
    assert.match(bench.roots()[0]?.text ?? '', /bookinfo\/nothing/);
    assert.equal(await bench.store.load(fixJob.requestId), undefined);
  });

  it('is refused for a namespace that does not exist, with the nearest one', async () => {
    await bench.propose({ target: { cluster: 'prod', namespace: 'bokinfo', name: 'x' } });
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /Did you mean bookinfo/);
  });

  it('is refused for a fix that does not exist, with the nearest one', async () => {
    await bench.propose({ fix: 'require-mtl' });
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /require-mtls/);
  });

  it('never becomes a plan where something could not be seen', async () => {
    const list: typeof bench.cluster.list = async (resource, ...rest) => {
      if (resource.kind === 'PeerAuthentication') throw new SourceError('forbidden', 'I may not list them.');
      return bench.cluster.list(resource, ...rest);
    };
    await bench.propose({}, { sources: { cluster: { ...bench.cluster, list } } });
    assert.equal(await bench.store.load(fixJob.requestId), undefined);
    assert.match(bench.roots()[0]?.text ?? '', /I may not list them/);
  });

  it('never becomes a plan where the object itself could not be read', async () => {
    const get: typeof bench.cluster.get = async () => {
      throw new SourceError('forbidden', 'I may not get it.');
    };
    await bench.propose({}, { sources: { cluster: { ...bench.cluster, get } } });
    assert.equal(await bench.store.load(fixJob.requestId), undefined);
    assert.match(bench.roots()[0]?.text ?? '', /I may not get it/);
  });

  it('points to the plan that there is already', async () => {
    await bench.propose();
    const requestId = 'p0000000000000000000b';
    await bench.propose({ requestId, channel: 'C2' });
    assert.equal(await bench.store.load(requestId), undefined);
    const [card, pointer] = bench.roots();
    assert.equal(pointer?.channel, 'C2');
    assert.ok(JSON.stringify(pointer?.blocks).includes(`https://slack.test/C1/${card?.ts}`));
  });

  it('makes one plan for two who ask at once', async () => {
    const requests = ['p0000000000000000000b', 'p0000000000000000000c'].map((requestId) => ({ requestId }));
    const settled = await Promise.all(requests.map((one) => bench.propose(one)));
    assert.deepEqual(settled.map(({ status }) => status).toSorted(), ['done', 'later']);
    for (const one of requests) await bench.propose(one);
    assert.equal((await bench.store.open('prod')).length, 1);
  });

  it('is planned anew after the plan before it was closed', async () => {
    await bench.propose();
    bench.later(2 * 3_600_000);
    await bench.advance();
    assert.equal(await bench.state(), 'closed expired');
    const requestId = 'p0000000000000000000b';
    await bench.propose({ requestId });
    assert.equal(await bench.state(requestId), 'proposed');
  });

  it('tells whoever asked where nobody else could see the plan', async () => {
    bench.slack.failWhen((method, { channel }) =>
      method === 'chat.postMessage' && channel === 'C1' ? { error: 'not_in_channel' } : undefined,
    );
    assert.deepEqual(await bench.propose(), { status: 'later', delayMs: 0 });
    assert.deepEqual(await bench.propose(), { status: 'done' });
    assert.equal(bench.roots()[0]?.channel, 'DUANA');
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /\/invite @meshbot/);
    assert.equal(await bench.store.load(fixJob.requestId), undefined);
  });

  it('ends with a reference and one log line where something of ours breaks', async () => {
    const get: typeof bench.cluster.get = async () => {
      throw new TypeError('x is not a function');
    };
    await bench.propose({}, { sources: { cluster: { ...bench.cluster, get } } });
    const shown = JSON.stringify(bench.roots()[0]?.blocks);
    assert.ok(shown.includes(fixJob.requestId));
    assert.doesNotMatch(shown, /not a function/);
    assert.equal(bench.log.lines.filter(({ level }) => level === 50).length, 1);
  });

  it('shows what an owner elsewhere has to commit', async () => {
    await bench.cluster.edit(brokenRule, 'argocd-controller', (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { 'argocd.argoproj.io/instance': 'mesh' } },
    }));
    await bench.propose();
    assert.equal(await bench.store.load(fixJob.requestId), undefined);
    assert.match(JSON.stringify(bench.roots()[0]?.blocks), /kind: DestinationRule/);
  });
});
