import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { launch, noBrowser, textOf, visit } from './page-browser.ts';
import { type PageServer, startPageServer } from './page-fixture.ts';
import { HOSTILE } from './page-kitchen.ts';
import { files, workspace } from './page-states.ts';

describe('the blocks of the sandbox page', { skip: noBrowser }, () => {
  let browser: Browser;
  let server: PageServer;
  let page: Page;
  let complaints: string[];
  before(async () => {
    browser = await launch();
    server = await startPageServer(workspace(), files);
    ({ page, complaints } = await visit(browser, `${server.url}#as=U1&channel=C4&thread=none`));
  });
  after(async () => {
    await browser.close();
    await server.close();
  });
  const block = (id: string): Locator => page.locator(`[data-block="${id}"]`);
  const texts = (id: string, selector: string) => block(id).locator(selector).allInnerTexts();

  it('draws markup in mrkdwn, and nothing that is not', async () => {
    assert.deepEqual(await texts('k-mrkdwn', 'strong'), ['bold']);
    assert.deepEqual(await texts('k-mrkdwn', 'em'), ['italic']);
    assert.deepEqual(await texts('k-mrkdwn', 's'), ['struck']);
    assert.deepEqual(await texts('k-mrkdwn', 'code'), ['co*d*e', 'kubectl get pods -n bookinfo']);
    assert.deepEqual(await texts('k-mrkdwn', 'blockquote'), ['a quote']);
    assert.deepEqual(await texts('k-mrkdwn', '.mention'), ['@ben', '#payments', '@here']);
    assert.match(await textOf(block('k-mrkdwn')), /<b> snake_case_name 2\*3\*4/);
  });

  it('shows dates in the zone of the viewer, and the fallback for a format nobody knows', async () => {
    assert.deepEqual(await texts('k-mrkdwn', 'time'), ['2023-11-14']);
    assert.match(await textOf(block('k-mrkdwn')), /fallback text/);
    assert.deepEqual(await texts('k-rich', 'time'), ['2023-11-14']);
    const far = await visit(browser, `${server.url}#as=U1&channel=C4&thread=none`, { timezoneId: 'Pacific/Auckland' });
    assert.deepEqual(await far.page.locator('[data-block="k-rich"] time').allInnerTexts(), ['2023-11-15']);
    await far.page.close();
  });

  it('keeps data text: no element, no script and no dangerous link comes out of it', async () => {
    assert.ok((await textOf(block('k-plain'))).includes(HOSTILE));
    assert.ok((await textOf(block('k-rich'))).includes(HOSTILE));
    assert.equal(await page.locator('main img, main script').count(), 0);
    const links = await page.locator('main a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    assert.ok(links.length >= 4);
    for (const href of links) assert.match(href ?? '', /^(https:|\/sandbox\/file\/)/);
    assert.doesNotMatch(await page.title(), /^[12]$/);
  });

  it('draws every kind of rich text', async () => {
    assert.deepEqual(await texts('k-rich', 'li'), ['one', 'two']);
    assert.deepEqual(await texts('k-rich', 'pre'), ['apiVersion: v1\nkind: Service']);
    assert.deepEqual(await texts('k-rich', '.mention'), ['@ana', '@sre-oncall', '#payments', '@here']);
    assert.deepEqual(await texts('k-rich', 'strong'), ['bold']);
    assert.equal(await block('k-rich').locator('.emoji.drawn').count(), 1);
  });

  it('draws the safe part of Markdown', async () => {
    assert.deepEqual(await texts('k-markdown', 'h4'), ['Findings']);
    assert.deepEqual(await texts('k-markdown', 'li'), ['first', 'second']);
    assert.deepEqual(await texts('k-markdown', 'th, td'), ['name', 'count', 'reviews', '3']);
    assert.equal(await block('k-markdown').locator('a').count(), 1);
  });

  it('draws charts from their numbers', async () => {
    assert.equal(await block('k-bar').locator('svg.chart rect').count(), 4);
    assert.equal(await block('k-area').locator('svg.chart .dot').count(), 4);
    assert.equal(await block('k-pie').locator('svg.chart .slice').count(), 2);
    assert.match((await texts('k-pie', '.chart-legend')).join(), /mTLS 86 %/);
    assert.equal(await block('k-bar').getByRole('img').getAttribute('aria-label'), 'A bar chart, a bar chart');
  });

  it('turns the pages of a data table, sorts and filters it', async () => {
    const table = block('k-data');
    const first = table.locator('tbody tr').first();
    assert.equal(await table.locator('tbody tr').count(), 5);
    await table.getByRole('button', { name: 'Next' }).click();
    assert.equal(await table.locator('tbody tr').count(), 2);
    await table.getByRole('button', { name: 'Requests' }).click();
    assert.match(await textOf(first), /service-6/);
    await table.getByLabel('Filter rows').fill('service-2');
    assert.equal(await table.locator('tbody tr').count(), 1);
  });

  it('says how far a plan is in words, and names a block it does not know', async () => {
    assert.match(await textOf(block('k-plan')), /1 of 3[\s\S]*done[\s\S]*in progress[\s\S]*waiting/);
    assert.match(await textOf(block('k-unknown')), /hologram/);
  });

  it('draws pictures as placeholders and fetches nothing from elsewhere', async () => {
    assert.equal(await block('k-image').getByRole('img').getAttribute('aria-label'), 'the mesh as a graph');
    const addresses = await page
      .locator('body')
      .evaluate(() => performance.getEntriesByType('resource').map((one) => one.name));
    assert.ok(addresses.length > 20);
    for (const address of addresses) assert.ok(address.startsWith(server.url), address);
  });

  it('scrolls a wide table and not the page', async () => {
    const wide = await visit(browser, `${server.url}#as=U1&channel=C1`, { viewport: { width: 1100, height: 700 } });
    const frame = wide.page.getByTestId('thread').getByRole('region', { name: 'Table' });
    assert.ok(await frame.evaluate((element) => element.scrollWidth > element.clientWidth));
    assert.ok(await wide.page.locator('body').evaluate((body) => body.scrollWidth <= 1100));
    await wide.page.close();
  });

  it('does all that without a complaint of the browser', () => assert.deepEqual(complaints, []));
});
