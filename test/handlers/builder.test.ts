import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
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
