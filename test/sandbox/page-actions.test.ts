import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, noBrowser, textOf, visit } from './page-browser.ts';
import { type PageServer, startPageServer } from './page-fixture.ts';
import { modalView } from './page-kitchen.ts';
import { files, workspace } from './page-states.ts';

const NAMESPACES = ['bookinfo', 'payments'].map((value) => ({ text: { type: 'plain_text', text: value }, value }));

describe('acting on the sandbox page', { skip: noBrowser }, () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  before(async () => {
    browser = await launch();
    server = await startPageServer(workspace(), files);
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  beforeEach(async () => {
    await page?.close();
    server.received.length = 0;
    server.answers.clear();
    server.state = workspace();
  });
  const open = async (hash: string) => {
    ({ page } = await visit(browser, `${server.url}${hash}`));
  };
  /** Waits until the page has sent something to a path, and gives it. */
  const sent = async (path: string) => {
    for (let tries = 0; tries < 100; tries += 1) {
      const found = server.received.find((one) => one.path === path);
      if (found) return found.body;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new assert.AssertionError({ message: `the page sent nothing to ${path}` });
  };
  const showModal = () => {
    server.state = { ...workspace(), modal: { id: 'V1', view: modalView } };
  };

  it('sends commands and messages, with names as ids', async () => {
    await open('#as=U1&channel=C1');
    await page.getByTestId('composer').fill('/mesh mtls bookinfo');
    await page.getByTestId('composer').press('Enter');
    assert.deepEqual(await sent('command'), { as: 'U1', channel: 'C1', text: '/mesh mtls bookinfo' });
    await page.getByTestId('composer').fill('@meshbot look at #payments <now>');
    await page.getByTestId('composer').press('Enter');
    const message = await sent('message');
    assert.equal(message.text, '<@UBOT> look at <#C2|payments> &lt;now&gt;');
    assert.equal(await page.getByTestId('composer').inputValue(), '');
  });

  it('answers in the open thread, where commands do not work', async () => {
    await open('#as=U1&channel=C1');
    await page.getByTestId('thread-composer').fill('thanks');
    await page.getByTestId('thread-composer').press('Enter');
    assert.match(String((await sent('message')).thread_ts), /^\d+\.000001$/);
    await page.getByTestId('thread-composer').fill('/mesh mtls');
    await page.getByTestId('thread-composer').press('Enter');
    await page.getByTestId('notice').waitFor();
    assert.ok(!server.received.some((one) => one.path === 'command'));
  });

  it('shows a failed command as a notice, and gives the text back', async () => {
    server.answers.set('command', { ok: false, error: 'operation_timeout' });
    await open('#as=U1&channel=C1');
    await page.getByTestId('composer').fill('/mesh mtls bookinfo');
    await page.getByTestId('composer').press('Enter');
    assert.match(await textOf(page.getByTestId('notice')), /operation_timeout/);
    assert.equal(await page.getByTestId('composer').inputValue(), '/mesh mtls bookinfo');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    assert.equal(await page.getByTestId('notice').count(), 0);
  });

  it('completes commands and remembers what was sent', async () => {
    await open('#as=U1&channel=C1');
    const composer = page.getByTestId('composer');
    await composer.pressSequentially('/me');
    await page.getByRole('option', { name: 'mtls|metrics' }).waitFor();
    await composer.press('Tab');
    await composer.pressSequentially('met');
    await composer.press('Tab');
    assert.equal(await composer.inputValue(), '/mesh metrics ');
    await composer.press('Enter');
    await sent('command');
    await composer.press('ArrowUp');
    assert.equal(await composer.inputValue(), '/mesh metrics');
    await composer.press('ArrowDown');
    assert.equal(await composer.inputValue(), '');
  });

  it('runs the example of an empty channel on a click', async () => {
    await open('#as=U1&channel=C2');
    await page.getByTestId('hint').getByText('/mesh mtls bookinfo').click();
    assert.deepEqual(await sent('command'), { as: 'U1', channel: 'C2', text: '/mesh mtls bookinfo' });
  });

  it('lets nobody write where they may not', async () => {
    await open('#as=U1&channel=C5');
    assert.ok(await page.getByTestId('composer').isDisabled());
  });

  it('asks before a button that wants it, and sends the click only then', async () => {
    await open('#as=U1&channel=C1');
    const approve = page.getByTestId('thread').getByRole('button', { name: 'Approve' });
    await approve.click();
    await page.getByTestId('confirm').getByRole('button', { name: 'Not now' }).click();
    assert.equal(server.received.length, 0);
    await approve.click();
    await page.getByTestId('confirm').getByRole('button', { name: 'Approve' }).click();
    const { as, channel, block_id, action_id, value, message_ts } = await sent('action');
    assert.deepEqual([as, channel, block_id, action_id, value], ['U1', 'C1', 'p-actions', 'approve', 'plan-approve']);
    assert.match(String(message_ts), /\.000005$/);
  });

  it('reports what was picked in every kind of element', async () => {
    server.answers.set('options', { options: NAMESPACES });
    await open('#as=U1&channel=C4&thread=none');
    const control = (name: string) => page.locator(`[data-block="k-actions"] [data-action="${name}"]`);
    const values: unknown[] = [];
    const report = async (key: string) => {
      values.push((await sent('action'))[key]);
      server.received.length = 0;
    };
    await control('static_select').selectOption('b');
    await report('selected_option');
    await control('users_select').selectOption('U2');
    await report('selected_user');
    await control('datepicker').fill('2026-12-01');
    await report('selected_date');
    await control('radio_buttons').getByText('Option c').click();
    await report('selected_option');
    await control('checkboxes').getByText('Option a').click();
    await report('selected_options');
    await control('overflow').click();
    await page.getByRole('menuitem', { name: 'Option b' }).click();
    await report('selected_option');
    await control('external_select').fill('pay');
    assert.equal((await sent('options')).value, '');
    await page.getByRole('option', { name: 'payments' }).click();
    await report('selected_option');
    const chosen = values.map((value) => [value].flat().map((one) => (one as { value?: string }).value ?? one));
    assert.deepEqual(chosen, [['b'], ['U2'], ['2026-12-01'], ['c'], ['a', 'c'], ['b'], ['payments']]);
  });

  it('submits a modal with everything in it, after asking for what is missing', async () => {
    server.answers.set('options', { options: NAMESPACES });
    showModal();
    await open('#as=U1&channel=C1');
    const modal = page.getByTestId('modal');
    await modal.getByRole('button', { name: 'Schedule' }).click();
    assert.equal(await modal.locator('.has-error').count(), 2);
    await modal.getByLabel('Namespace').focus();
    await page.getByRole('option', { name: 'bookinfo' }).click();
    await modal.getByLabel('Name', { exact: true }).fill('Morning');
    await modal.getByRole('button', { name: 'Schedule' }).click();
    const { view_id, values } = (await sent('submit')) as { view_id: string; values: Record<string, object> };
    assert.equal(view_id, 'V1');
    assert.deepEqual(values['m-name'], { plain_text_input: { type: 'plain_text_input', value: 'Morning' } });
    assert.deepEqual(values['m-time'], { timepicker: { type: 'timepicker', selected_time: '09:00' } });
    assert.deepEqual(Object.keys(values), ['m-topic', 'm-namespace', 'm-name', 'm-days', 'm-time', 'm-reason']);
  });
});
