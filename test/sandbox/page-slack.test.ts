import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { type FakeSlack, startFakeSlack } from '../../src/sandbox/slack/index.ts';
import { launch, noBrowser, visit } from './page-browser.ts';

const verdict = (text: string) => [
  { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text }] }] },
];
const again = { type: 'button', action_id: 'again', text: { type: 'plain_text', text: 'Ask again' }, value: 'r1' };

/** A small app: it answers a command in the channel and in a thread, and a button by changing its message. */
function startApp(slack: FakeSlack): Promise<Server> {
  const call = async (method: string, body: object) => {
    const headers = { authorization: `Bearer ${slack.botToken}`, 'content-type': 'application/json' };
    const response = await fetch(`${slack.apiUrl}${method}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = (await response.json()) as { ok: boolean; ts: string; error?: string };
    assert.ok(answer.ok, answer.error);
    return answer;
  };
  const answerCommand = async (channel: string | null) => {
    const blocks = [...verdict('reviews refuses productpage'), { type: 'actions', elements: [again] }];
    const { ts } = await call('chat.postMessage', { channel, text: 'reviews refuses productpage', blocks });
    await call('chat.postMessage', { channel, thread_ts: ts, text: 'Why: a DestinationRule' });
  };
  const answerButton = ({ channel, message }: { channel: { id: string }; message: { ts: string } }) =>
    call('chat.update', { channel: channel.id, ts: message.ts, text: 'Fixed', blocks: verdict('Fixed') });
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end();
    const form = new URLSearchParams(body);
    if (form.has('command')) await answerCommand(form.get('channel_id'));
    if (form.has('payload')) await answerButton(JSON.parse(form.get('payload') ?? ''));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

describe('the sandbox page on the fake Slack', { skip: noBrowser }, () => {
  let browser: Browser;
  let slack: FakeSlack;
  let app: Server;
  before(async () => {
    [browser, slack] = await Promise.all([launch(), startFakeSlack({ rateLimits: 'off' })]);
    app = await startApp(slack);
    slack.deliverTo(`http://127.0.0.1:${(app.address() as AddressInfo).port}/`);
  });
  after(async () => {
    await browser.close();
    await slack.close();
    app.close();
  });

  it('goes from a command to an answer with its thread, and from a button to a changed message', async () => {
    const { page, complaints } = await visit(browser, `${slack.url}/`);
    assert.equal(await page.getByTestId('channel-name').textContent(), 'mesh');
    await page.getByTestId('hint').getByText('/mesh mtls bookinfo').click();
    const messages = page.getByTestId('messages');
    await messages.getByText('reviews refuses productpage').waitFor();
    await page.getByTestId('thread').getByText('Why: a DestinationRule').waitFor();
    await messages.getByRole('button', { name: 'Ask again' }).click();
    await messages.getByText('Fixed').waitFor();
    assert.equal(await messages.getByRole('button', { name: 'Ask again' }).count(), 0);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('says what everyone reads, with markup as it was typed', async () => {
    const { page } = await visit(browser, `${slack.url}/`);
    await page.getByTestId('composer').fill('is a < b & c? @ben');
    await page.getByTestId('composer').press('Enter');
    const message = page.getByTestId('messages').getByTestId('message').last();
    await message.getByText('@ben').waitFor();
    assert.match((await message.textContent()) ?? '', /is a < b & c\? @ben/);
    await page.close();
  });
});
