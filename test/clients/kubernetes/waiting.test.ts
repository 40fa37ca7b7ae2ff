import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it } from 'node:test';
import { names, pods, policies } from '../files/resources.ts';
import { clientOf, page, startApiServer, status } from './api-server.ts';
import { source } from './reason.ts';

const slow = { ...page(['a']), delayMs: 10_000 };

describe('a live cluster that is slow or away', () => {
  it('is given up at the deadline of a list, which covers all its pages', async () => {
    const pages = [page(['a'], 'x'), { ...page(['b'], 'y'), delayMs: 150 }, slow];
    const cluster = await clientOf(await startApiServer({ '/api/v1/pods': pages }), { deadlineMs: 400 });
    const begun = performance.now();
    await assert.rejects(names(cluster, pods), source('timeout', /\d s/));
    assert.ok(performance.now() - begun < 9_000);
  });

  it('is given up at the deadline of a caller, also while it says what it serves', async () => {
    const cluster = await clientOf(await startApiServer({ '/api/v1/pods': slow, '/apis': slow }));
    await assert.rejects(names(cluster, pods, { signal: AbortSignal.timeout(100) }), source('timeout'));
    await assert.rejects(names(cluster, policies, { signal: AbortSignal.timeout(100) }), source('timeout'));
    await assert.rejects(cluster.get(pods, 'a', { signal: AbortSignal.timeout(1) }), source('timeout'));
  });

  it("is given up when the caller wants nothing any more, with the caller's reason", async () => {
    const cluster = await clientOf(await startApiServer({ '/api/v1/pods': slow }));
    const controller = new AbortController();
    const listing = names(cluster, pods, { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('cancelled')), 50);
    await assert.rejects(listing, { message: 'cancelled' });
    await assert.rejects(names(cluster, pods, { signal: AbortSignal.abort(new Error('before')) }), {
      message: 'before',
    });
  });

  it('does not let one who gives up on discovery take it from the others', async () => {
    const reply = { body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [] }, delayMs: 200 };
    const server = await startApiServer({ '/apis': reply });
    const cluster = await clientOf(server);
    const hasty = names(cluster, policies, { signal: AbortSignal.timeout(20) });
    const patient = names(cluster, policies);
    await assert.rejects(hasty, source('timeout'));
    await assert.rejects(patient, source('not-installed'));
    assert.equal(server.requests.length, 1);
  });

  it('is asked again when it is busy or breaks a connection off', async () => {
    const busy = { ...status(429, 'TooManyRequests', 'busy'), headers: { 'retry-after': '0' } };
    const server = await startApiServer({ '/api/v1/pods': [busy, { reset: true }, page(['a'])] });
    assert.deepEqual(await names(await clientOf(server), pods), ['shop/a']);
    assert.equal(server.requests.length, 3);
  });

  it('is asked three times at most', async () => {
    const server = await startApiServer({ '/api/v1/pods': { reset: true } });
    await assert.rejects(names(await clientOf(server), pods), source('unreachable', /connection/));
    assert.equal(server.requests.length, 3);
    const away = await startApiServer({ '/api/v1/pods': status(503, 'ServiceUnavailable', 'starting') });
    await assert.rejects(names(await clientOf(away), pods), source('unreachable', /starting/));
    assert.equal(away.requests.length, 3);
  });

  it('is not waited for longer than makes sense', async () => {
    const busy = { ...status(429, 'TooManyRequests', 'busy'), headers: { 'retry-after': '120' } };
    const server = await startApiServer({ '/api/v1/pods': busy });
    await assert.rejects(names(await clientOf(server), pods), source('unreachable', /busy/));
    assert.equal(server.requests.length, 1);
  });

  it('is never asked twice to write', async () => {
    const server = await startApiServer({
      'POST /api/v1/things': { reset: true },
      'PUT /api/v1/things': status(503, 'Some', 'busy'),
    });
    const { connection } = await clientOf(server);
    await assert.rejects(
      connection.request({ method: 'POST', path: '/api/v1/things', body: { a: 1 } }),
      source('unreachable'),
    );
    assert.equal((await connection.request({ method: 'PUT', path: '/api/v1/things', body: {} })).status, 503);
    assert.equal(server.requests.length, 2);
  });

  it('is unreachable where nobody listens, its name is unknown, or another protocol answers', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    await assert.rejects(
      names(await clientOf({ url: `http://127.0.0.1:${port}` }), pods),
      source('unreachable', /refused/),
    );
    await assert.rejects(
      names(await clientOf({ url: 'http://cluster.invalid:6443' }), pods),
      source('unreachable', /name/),
    );
    const plain = await startApiServer({});
    await assert.rejects(
      names(await clientOf({ url: plain.url.replace('http:', 'https:') }), pods),
      source('unreachable', /TLS/),
    );
  });
});
