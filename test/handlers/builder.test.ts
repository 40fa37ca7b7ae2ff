import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { noteChoice } from '../../src/handlers/builder/newest.ts';
import { waitFor } from '../helpers/wait.ts';
import { type Fixing, startFixing } from './fixing.ts';

let f: Fixing;
before(async () => {
  f = await startFixing();
  const names = { prod: ['bookinfo', 'payments'], 'prod:bookinfo': ['ratings-v1', 'reviews-v1'] };
  for (const [key, value] of Object.entries(names)) await f.client.set(`meshbot:names:${key}`, JSON.stringify(value));
});
after(() => f.close());

async function opened() {
  const { answer } = await f.slack.as('ana').in('mesh').slash('/mesh help');
  await answer?.button('build-question').click('ana');
  return f.slack.as('ana').waitForModal();
}

describe('the form that builds a question', () => {
  it('shows the command it makes, and asks it in the channel it was opened from', async () => {
    const modal = await opened();
    const namespace = modal.choice('build-namespace');
    await namespace.choose('ana', 'bookinfo', {
      values: { [namespace.blockId]: chosen('build-namespace', 'bookinfo') },
    });
    await modal.expectUpdate();
    assert.match(modal.plain, /\/mesh mtls bookinfo/);
    const workload = modal.choice('build-workload');
    const { options } = await workload.options('ana', 'rev');
    assert.deepEqual(
      options.map(({ value }) => value),
      ['rev', 'reviews-v1'],
    );
    const { ok } = await modal.submit({
      'build-namespace': 'bookinfo',
      'build-workload': 'reviews-v1',
      'build-strict': ['strict-ready'],
    });
    assert.ok(ok);
    const channel = f.slack.as('ana').in('mesh').channel.id;
    assert.deepEqual(await f.questions(), [{ command: 'mtls bookinfo/reviews-v1 --strict-ready', channel }]);
  });

  it('shows what was chosen last, where two choices were made in one form', async () => {
    await f.client.set('meshbot:names:prod:payments', JSON.stringify(['api']));
    const modal = await opened();
    const { blockId, ...namespace } = modal.choice('build-namespace');
    const names = ['bookinfo', 'payments'];
    await Promise.all(
      names.map((name) => namespace.choose('ana', name, { values: { [blockId]: chosen('build-namespace', name) } })),
    );
    await waitFor(() => modal.plain.includes('/mesh mtls payments'));
    assert.equal(JSON.parse(modal.privateMetadata).namespace, 'payments');
    await modal.submit({ 'build-namespace': 'bookinfo' });
    const asked = (await f.questions()).map(({ command }) => command);
    assert.ok(asked.includes('mtls bookinfo') && !asked.includes('mtls payments'), 'what is chosen, not what is shown');
  });

  it('knows which of two choices in a form is the newer one, whichever comes first', () => {
    const choice = (id: string, ts: string) => noteChoice({ view: { id }, actions: [{ action_ts: ts }] } as never);
    const newer = choice('V1', '1700000002.000100');
    const older = choice('V1', '1700000001.000900');
    const other = choice('V2', '1700000000.000000');
    assert.deepEqual([newer(), older(), other()], [true, false, true]);
    choice('V1', '1700000003.000000');
    assert.equal(newer(), false);
  });

  it('leaves out the fields that a question about the cluster does not have', async () => {
    const modal = await opened();
    const topic = modal.choice('build-topic');
    await topic.choose('ana', 'uwm', { values: { topic: chosen('build-topic', 'uwm') } });
    await modal.expectUpdate();
    assert.throws(() => modal.choice('build-namespace'));
    assert.throws(() => modal.choice('build-strict'));
    assert.match(modal.plain, /\/mesh uwm/);
    await modal.submit({ 'build-topic': 'uwm' });
    assert.ok((await f.questions()).some(({ command }) => command === 'uwm'));
  });

  it('says in the form what is no name, and what it would say in the channel', async () => {
    const modal = await opened();
    const { errors } = await modal.submit({ 'build-namespace': 'Book_Info' });
    assert.deepEqual(Object.keys(errors ?? {}), [modal.choice('build-namespace').blockId]);
    await modal.submit({ 'build-namespace': 'slow' });
    const told = await f.slack.as('ana').waitForModal();
    assert.match(told.plain, /worker/);
  });

  it('opens from App Home, without a channel', async () => {
    await f.slack.as('ben').openHome();
    const home = await f.slack.as('ben').waitForHome();
    await home.button('build-question').click('ben');
    const modal = await f.slack.as('ben').waitForModal();
    const { errors } = await modal.submit({ 'build-namespace': 'bookinfo' });
    assert.deepEqual(Object.keys(errors ?? {}), ['channel']);
  });
});

function chosen(action: string, value: string) {
  return { [action]: { selected_option: { text: { type: 'plain_text', text: value }, value } } };
}
