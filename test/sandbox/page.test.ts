import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { launch, noBrowser, textOf, visit } from './page-browser.ts';
import { type PageServer, startPageServer } from './page-fixture.ts';
import { files, workspace } from './page-states.ts';

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

describe('the sandbox page', { skip: noBrowser }, () => {
  let browser: Browser;
  let server: PageServer;
  before(async () => {
    browser = await launch();
    server = await startPageServer(workspace(), files);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  const open = (hash = '', options: BrowserContextOptions = {}) => visit(browser, `${server.url}${hash}`, options);

  it('shows a channel, says that it is a sandbox, and opens the newest answer of the bot', async () => {
    const { page, complaints } = await open();
    assert.match(await textOf(page.getByTestId('sandbox-badge')), /sandbox/);
    assert.equal(await textOf(page.getByTestId('channel-name')), 'mesh-oncall');
    assert.equal(await page.getByTestId('messages').getByTestId('message').count(), 7);
    assert.match(await textOf(page.getByTestId('thread')), /DestinationRule bookinfo\/reviews-v1-only/);
    assert.match(page.url(), /#as=U1&channel=C1&thread=\d+\.\d+/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('marks the app, what was edited and what only one person sees', async () => {
    const { page } = await open('#as=U1&channel=C1&thread=none');
    const message = page.getByTestId('messages').getByTestId('message');
    assert.match(await textOf(message.first()), /APP/);
    assert.match(await textOf(message.last()), /Only visible to you/);
    assert.match(await textOf(page.getByLabel('Reactions')), /2/);
    await page.getByTestId('channel-kitchen').click();
    await page.getByText('(edited)').waitFor();
    await page.close();
  });

  it('shows the newest message first when it opens, and stays there when more come', async () => {
    const { page } = await open('#as=U1&channel=C1');
    const last = page.getByTestId('messages').getByTestId('message').last();
    assert.ok(
      await last.evaluate(
        (element) => element.getBoundingClientRect().bottom <= element.ownerDocument.defaultView.innerHeight,
      ),
    );
    await page.close();
  });

  it('keeps channel, thread and person in the address, and goes back', async () => {
    const { page } = await open('#as=U2&channel=C1&thread=none');
    assert.ok(await page.locator('#thread').isHidden());
    await page.getByTestId('channel-kitchen').click();
    assert.match(page.url(), /#as=U2&channel=C4/);
    await page.goBack();
    assert.equal(await textOf(page.getByTestId('channel-name')), 'mesh-oncall');
    await page.getByTestId('replies').click();
    assert.match(page.url(), /thread=\d/);
    await page.getByTestId('close-thread').click();
    assert.match(page.url(), /thread=none/);
    await page.close();
  });

  it('follows a link to a reply into its thread', async () => {
    const reply = workspace().messages.C1.find((message) => 'thread_ts' in message);
    const { page } = await open(`#channel=C1&thread=${reply?.ts}`);
    await page.getByTestId('thread').getByText('4 replies').waitFor();
    await page.close();
  });

  it('lets you be someone else, who sees what the server shows to them', async () => {
    const asked: (string | null)[] = [];
    server.state = (as) => {
      asked.push(as);
      return { ...workspace(), me: as ?? 'U1' };
    };
    const { page } = await open();
    await page.getByTestId('person').click();
    assert.match(await textOf(page.getByTestId('person-gus')), /guest/);
    assert.ok(await page.getByTestId('person-otto').isDisabled());
    await page.getByTestId('person-gus').click();
    await page.getByTestId('person').getByText('Gus Lindqvist').waitFor();
    assert.equal(asked.at(-1), 'U4');
    assert.match(page.url(), /as=U4/);
    server.state = workspace();
    await page.close();
  });

  it('opens the App Home and tells the app so', async () => {
    server.received.length = 0;
    const { page } = await open('#as=U1&channel=C1');
    await page.getByTestId('app-home').click();
    await page.getByTestId('home').getByText('How the mesh is').waitFor();
    assert.deepEqual(server.received, [{ path: 'home', body: { as: 'U1' } }]);
    await page.close();
  });

  it('shows text files, offers every file for download, and does not try to show others', async () => {
    const { page } = await open('#as=U1&channel=C4&thread=none');
    const file = page.getByTestId('file');
    await file.first().getByText('mode: DISABLE').waitFor();
    await file
      .first()
      .getByText(/Show all 14 lines/)
      .click();
    await file.first().getByText('# of file').waitFor();
    assert.equal(await file.last().locator('pre').count(), 0);
    assert.equal(await file.last().getByRole('link').getAttribute('href'), '/sandbox/file/F2');
    await page.close();
  });

  it('follows the state without losing what was typed, the focus or the place in the thread', async () => {
    const { page } = await open('#as=U1&channel=C1');
    await page.getByTestId('composer').fill('half a sent');
    await page.getByTestId('thread').getByText('Looked at').click();
    await page.getByTestId('composer').focus();
    const state = workspace();
    server.state = { ...state, team: { name: 'Renamed' } };
    server.notify();
    await page.getByRole('heading', { name: 'Renamed' }).waitFor();
    assert.equal(await page.getByTestId('composer').inputValue(), 'half a sent');
    assert.ok(
      await page.getByTestId('composer').evaluate((element) => element === element.ownerDocument.activeElement),
    );
    assert.ok(
      await page
        .getByTestId('thread')
        .locator('details')
        .evaluate((element) => element.hasAttribute('open')),
    );
    server.state = workspace();
    await page.close();
  });

  it('opens the thread of an answer when it comes', async () => {
    const { page } = await open('#as=U1&channel=C1&thread=none');
    const state = workspace();
    const now = Math.floor(Date.now() / 1000) + 1;
    const root = { ts: `${now}.000001`, user: 'UBOT', text: 'A fresh verdict' };
    const reply = { ts: `${now}.000002`, user: 'UBOT', text: 'A fresh reason', thread_ts: root.ts };
    server.state = { ...state, messages: { ...state.messages, C1: [...state.messages.C1, root, reply] } };
    server.notify();
    await page.getByTestId('thread').getByText('A fresh reason').waitFor();
    server.state = workspace();
    await page.close();
  });

  it('fits a phone: nothing is wider than the screen, the sidebar and the thread come when asked for', async () => {
    const { page, complaints } = await open('#as=U1&channel=C1', PHONE);
    const fits = () => page.locator('body').evaluate((body) => body.scrollWidth <= 390);
    assert.ok(await page.locator('#thread').isHidden());
    assert.ok(await fits());
    await page.getByRole('button', { name: 'Channels' }).click();
    await page.getByTestId('channel-kitchen').click();
    assert.equal(await textOf(page.getByTestId('channel-name')), 'kitchen');
    assert.ok(await fits());
    await page.getByRole('button', { name: 'Channels' }).click();
    await page.getByTestId('channel-mesh-oncall').click();
    await page.getByTestId('replies').click();
    await page.getByTestId('thread').getByText('42 connections refused').waitFor();
    assert.ok(await fits());
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
