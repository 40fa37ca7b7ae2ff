import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MessageHandle } from '../../src/sandbox/slack/index.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { exampleReport } from '../helpers/report.ts';
import { waitFor } from '../helpers/wait.ts';

/** The verdict of the example report. */
const verdict = /accepts plaintext/;

describe('asking in Slack', () => {
  let mesh: Meshbot;
  let answers = 0;
  let hold: Promise<void> | undefined;

  before(async () => {
    mesh = await startMeshbot({
      worker: {
        async answer({ topic, target }) {
          answers += 1;
          await hold;
          return { report: exampleReport({ topic, target }) };
        },
      },
    });
  });
  afterEach(() => {
    hold = undefined;
    mesh.slack.healAll();
    assert.deepEqual(mesh.slack.alarms, [], 'Slack never waited in vain');
  });
  after(() => mesh.close());

  let place = 0;
  /** A namespace of its own for each question, so that none joins another's. */
  const namespace = () => {
    place += 1;
    return `ns-${place}`;
  };

  async function ask(person: string, line: string, channel = 'mesh'): Promise<MessageHandle> {
    const before = mesh.slack.messages(channel).length;
    const asked = await mesh.slack.as(person).in(channel).slash(line);
    assert.ok(asked.ok, asked.error);
    await waitFor(() => mesh.slack.messages(channel).length > before);
    const message = mesh.slack.messages(channel).at(-1);
    assert.ok(message);
    await waitFor(() => verdict.test(message.text) && message.replies().length > 0);
    return message;
  }

  it('gives a first word, then the verdict in its place, and the evidence in its thread', async () => {
    const message = await ask('ana', `/mesh mtls ${namespace()}`);
    assert.ok(message.versions.length >= 2);
    assert.ok(message.replies().length > 0);
    assert.equal(mesh.slack.ephemeralsFor('ana').length, 0, 'no word for ana alone');
  });

  it('explains itself to one person', async () => {
    const { answer } = await mesh.slack.as('ben').in('mesh').slash('/mesh');
    assert.ok(answer);
    assert.equal(answer.ephemeralTo, mesh.slack.as('ben').id);
    assert.equal(answer.plain.split('/mesh ').length - 1, 5, 'five commands to copy');
    assert.doesNotMatch(answer.plain, /mesh fix/, 'they are off');
    const topic = await mesh.slack.as('ben').in('mesh').slash('/mesh help mtls');
    assert.match(topic.answer?.plain ?? '', /mesh mtls bookinfo/);
  });

  it('offers what was probably meant, and runs it on a click', async () => {
    const name = namespace();
    const { answer } = await mesh.slack.as('ana').in('mesh').slash(`/mesh mtsl ${name}`);
    assert.ok(answer);
    assert.match(answer.plain, new RegExp(`/mesh mtls ${name}`));
    const before = mesh.slack.messages('mesh').length;
    assert.ok((await answer.button('run-it').click('ana')).ok);
    await waitFor(() => verdict.test(mesh.slack.messages('mesh').at(before)?.text ?? ''));
  });

  it('answers the same question of two people once, and tells the second', async () => {
    const gate = Promise.withResolvers<void>();
    hold = gate.promise;
    const [name, before, answered] = [namespace(), mesh.slack.messages('mesh').length, answers];
    const first = await mesh.slack.as('ana').in('mesh').slash(`/mesh mtls ${name}`);
    const second = await mesh.slack.as('ben').in('mesh').slash(`/mesh mtls ${name}`);
    assert.equal(first.answer, undefined);
    assert.equal(second.answer?.ephemeralTo, mesh.slack.as('ben').id);
    gate.resolve();
    await waitFor(() => verdict.test(mesh.slack.messages('mesh').at(before)?.text ?? ''));
    await sleep(200);
    assert.equal(mesh.slack.messages('mesh').length, before + 1);
    assert.equal(answers, answered + 1);
  });

  it('asks again on a click, once for two clicks at the same time', async () => {
    const message = await ask('ana', `/mesh mtls ${namespace()}`);
    const gate = Promise.withResolvers<void>();
    hold = gate.promise;
    const [before, answered] = [mesh.slack.messages('mesh').length, answers];
    const clicks = await Promise.all(
      ['ben', 'ben', 'carla'].map((person) => message.button('ask-again').click(person)),
    );
    assert.ok(clicks.every(({ ok }) => ok));
    gate.resolve();
    await waitFor(() => verdict.test(mesh.slack.messages('mesh').at(before)?.text ?? ''));
    await sleep(200);
    assert.equal(mesh.slack.messages('mesh').length, before + 1);
    assert.equal(answers, answered + 1);
    const told = [...mesh.slack.ephemeralsFor('ben'), ...mesh.slack.ephemeralsFor('carla')];
    assert.equal(
      told.filter(({ plain }) => /being answered/.test(plain)).length,
      3,
      'two of these clicks, and ben before',
    );
  });

  it('tells whoever clicks an old button why nothing happens', async () => {
    const message = await ask('ana', `/mesh mtls ${namespace()}`);
    const button = message.button('ask-again');
    const client = (await import('ioredis')).Redis;
    const redis = new client(mesh.redis.url);
    await redis.del(`meshbot:ask:${button.value}`);
    redis.disconnect();
    const before = answers;
    assert.ok((await button.click('carla')).ok);
    await waitFor(() => mesh.slack.ephemeralsFor('carla').some(({ plain }) => /too old/.test(plain)));
    assert.equal(answers, before);
  });

  it('answers in a direct message', async () => {
    const direct = mesh.slack.as('carla').direct();
    const asked = await direct.slash(`/mesh mtls ${namespace()}`);
    assert.ok(asked.ok);
    await waitFor(() => direct.messages().some(({ text }) => verdict.test(text)));
  });

  for (const channel of ['random', 'leads']) {
    it(`answers alone who asks in ${channel}, where it is not, and says how to invite it`, async () => {
      const asked = await mesh.slack.as('carla').in(channel).slash(`/mesh mtls ${namespace()}`);
      assert.ok(asked.ok);
      const direct = mesh.slack.as('carla').direct();
      await waitFor(() =>
        direct.messages().some(({ plain }) => verdict.test(plain) && plain.includes('/invite @meshbot')),
      );
      assert.equal(mesh.slack.messages(channel).length, 0);
    });
  }

  it('refuses people of other workspaces', async () => {
    const before = answers;
    const { answer } = await mesh.slack.as('vera').in('partners').slash(`/mesh mtls ${namespace()}`);
    assert.match(answer?.plain ?? '', /workspace/);
    assert.equal(answers, before);
  });

  it('is not troubled by what Slack would never send', async () => {
    for (const odd of ['', 'no json', '[]', '{"type":"disconnect?"}', Buffer.from([1, 2, 3])])
      mesh.slack.sockets.raw(odd);
    await ask('ana', `/mesh mtls ${namespace()}`);
  });

  it('says what it has been asked, and nothing else, in its metrics', async () => {
    const text = await (await fetch(`${mesh.bot.healthUrl}/metrics`)).text();
    assert.match(text, /meshbot_commands_total\{topic="mtls",outcome="queued"\} \d+/);
    assert.match(text, /meshbot_sockets_connected 2/);
    assert.ok(!text.includes('ns-1'));
  });

  it('logs one line per question with its id, and no error', () => {
    const { lines } = mesh.log;
    const queued = lines.filter(({ msg }) => msg === 'Queued');
    assert.ok(queued.length > 5 && queued.every(({ requestId }) => typeof requestId === 'string'));
    assert.deepEqual(
      lines.filter(({ level }) => level >= 50),
      [],
    );
  });
});
