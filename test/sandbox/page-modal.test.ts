import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, noBrowser, visit } from './page-browser.ts';
import { type PageServer, startPageServer } from './page-fixture.ts';
import { modalView } from './page-kitchen.ts';
import { workspace } from './page-states.ts';

describe('modals of the sandbox page', { skip: noBrowser }, () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  before(async () => {
    browser = await launch();
    server = await startPageServer(workspace());
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    await page?.close();
    server.received.length = 0;
    server.answers.clear();
    server.state = withModal(modalView);
    ({ page } = await visit(browser, `${server.url}#as=U1&channel=C1`));
  });
  const withModal = (view: object | null) => ({ ...workspace(), modal: view && { id: 'V1', view } });

  it('show the errors of the app at their inputs', async () => {
    const blocks = modalView.blocks.filter((block) => block.block_id !== 'm-namespace');
    server.state = withModal({ ...modalView, blocks });
    server.notify();
    const modal = page.getByTestId('modal');
    await modal.getByLabel('Namespace').waitFor({ state: 'detached' });
    server.answers.set('submit', { ok: false, errors: { 'm-name': 'There is a digest of that name.' } });
    await modal.getByLabel('Name', { exact: true }).fill('Morning');
    await modal.getByRole('button', { name: 'Schedule' }).click();
    await modal.getByText('There is a digest of that name.').waitFor();
    assert.equal(await modal.getByLabel('Name', { exact: true }).getAttribute('aria-invalid'), 'true');
    assert.equal(await page.getByTestId('notice').count(), 0);
  });

  it('keep what was entered when the app changes them', async () => {
    const modal = page.getByTestId('modal');
    await modal.getByLabel('Name', { exact: true }).fill('Morning');
    const renamed = modalView.blocks.map((block) =>
      block.block_id === 'm-name' ? { ...block, label: { type: 'plain_text', text: 'Name of the digest' } } : block,
    );
    server.state = withModal({ ...modalView, blocks: renamed });
    server.notify();
    await modal.getByLabel('Name of the digest').waitFor();
    assert.equal(await modal.getByLabel('Name of the digest').inputValue(), 'Morning');
  });

  it('close with Escape, which the app hears of, and do not come back', async () => {
    await page.keyboard.press('Escape');
    await page.getByTestId('modal').waitFor({ state: 'detached' });
    assert.deepEqual(
      server.received.filter((one) => one.path === 'close').map((one) => one.body),
      [{ as: 'U1', view_id: 'V1' }],
    );
    server.notify();
    await page.waitForTimeout(150);
    assert.equal(await page.getByTestId('modal').count(), 0);
  });

  it('leave a failure of the app where it can be read and dismissed', async () => {
    server.answers.set('action', { ok: false, error: 'dispatch_failed' });
    const [first] = modalView.blocks;
    const button = { type: 'button', action_id: 'try', text: { type: 'plain_text', text: 'Try it' } };
    server.state = withModal({ ...modalView, blocks: [first, { type: 'actions', block_id: 'a', elements: [button] }] });
    server.notify();
    await page.getByRole('button', { name: 'Try it' }).click();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await page.getByTestId('notice').count(), 0);
    assert.equal(await page.getByTestId('modal').count(), 1);
  });

  it('go away when the app closes them', async () => {
    await page.getByTestId('modal').waitFor();
    server.state = withModal(null);
    server.notify();
    await page.getByTestId('modal').waitFor({ state: 'detached' });
  });
});
