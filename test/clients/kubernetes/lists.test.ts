import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { names, pods, policies } from '../files/resources.ts';
import { clientOf, discovery, page, startApiServer, status } from './api-server.ts';
import { stillInMemory } from './garbage.ts';
import { source } from './reason.ts';

const expired = (onward?: string) =>
  status(410, 'Expired', 'The provided continue parameter is too old', {
    metadata: onward === undefined ? {} : { continue: onward },
  });

describe('lists of a live cluster', () => {
  it('are read page by page, and objects say what they are', async () => {
    const server = await startApiServer({ '/api/v1/namespaces/shop/pods': [page(['a', 'b'], 'more'), page(['c'])] });
    const cluster = await clientOf(server, { pageSize: 2 });
    const found = await cluster.list(
      pods,
      { namespace: 'shop', labelSelector: 'app=a,tier' },
      ({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`,
    );
    assert.deepEqual(found, ['v1 Pod a', 'v1 Pod b', 'v1 Pod c']);
    assert.deepEqual(server.requests, [
      'GET /api/v1/namespaces/shop/pods?limit=2&labelSelector=app%3Da%2Ctier',
      'GET /api/v1/namespaces/shop/pods?limit=2&continue=more&labelSelector=app%3Da%2Ctier',
    ]);
  });

  it('leave out what the projection drops, and let through what it throws', async () => {
    const cluster = await clientOf(await startApiServer({ '/api/v1/pods': page(['a', 'b']) }));
    assert.deepEqual(
      await cluster.list(pods, {}, ({ metadata }) => (metadata.name === 'a' ? undefined : metadata.name)),
      ['b'],
    );
    await assert.rejects(
      cluster.list(pods, {}, () => assert.fail('mine')),
      { message: 'mine' },
    );
  });

  it('begin anew once when the API server has forgotten where they were', async () => {
    const server = await startApiServer({
      '/api/v1/pods': [page(['old'], 'x'), expired('onward'), page(['a'], 'y'), page(['b'])],
    });
    assert.deepEqual(await names(await clientOf(server), pods), ['shop/a', 'shop/b']);
  });

  it('go on with what is there by then when that happens again', async () => {
    const server = await startApiServer({
      '/api/v1/pods': [page(['old'], 'x'), expired('1'), page(['a'], 'y'), expired('onward'), page(['b'])],
    });
    assert.deepEqual(await names(await clientOf(server), pods), ['shop/a', 'shop/b']);
    assert.match(server.requests.at(-1) ?? '', /continue=onward/);
  });

  it('fail when there is no way to go on', async () => {
    const server = await startApiServer({ '/api/v1/pods': [page(['a'], 'x'), expired(), page(['a'], 'y'), expired()] });
    await assert.rejects(names(await clientOf(server), pods), source('invalid', /410/));
  });

  it('may come compressed', async () => {
    const body = gzipSync(JSON.stringify(page(['a']).body));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    const cluster = await clientOf(await startApiServer({ '/api/v1/pods': { body, headers } }));
    assert.deepEqual(await names(cluster, pods), ['shop/a']);
  });

  it('take null for no items', async () => {
    const body = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: null };
    assert.deepEqual(await names(await clientOf(await startApiServer({ '/api/v1/pods': { body } })), pods), []);
  });

  it('let go of each object once it is projected', async () => {
    const pages = Array.from({ length: 6 }, (_, index) =>
      page(Array(20).fill(`p${index}`), index < 5 ? `${index}` : undefined),
    );
    const cluster = await clientOf(await startApiServer({ '/api/v1/pods': pages }));
    const seen: WeakRef<object>[] = [];
    let alive = 0;
    await cluster.list(pods, {}, (object) => {
      if (seen.push(new WeakRef(object)) === 120) alive = stillInMemory(seen);
      return undefined;
    });
    assert.ok(alive > 0 && alive <= 40, `${alive} of 120 objects are still in memory`);
  });

  it('share few connections', async () => {
    const server = await startApiServer({ '/api/v1/pods': { ...page(['a']), delayMs: 5 } });
    const cluster = await clientOf(server);
    for (let count = 0; count < 5; count++) await names(cluster, pods);
    assert.ok(server.sockets() <= 2, `${server.sockets()} connections for one request at a time`);
    await Promise.all(Array.from({ length: 60 }, () => names(cluster, pods)));
    assert.ok(server.sockets() <= 10, `${server.sockets()} connections`);
  });
});

describe('refusals of a live cluster', () => {
  it('name verb, resource, namespace, account and who grants it', async () => {
    const message =
      'peerauthentications.security.istio.io is forbidden: User "system:serviceaccount:meshbot:worker" cannot list resource "peerauthentications" in API group "security.istio.io" in the namespace "istio-system"';
    const server = await startApiServer({
      '/apis': discovery({ 'security.istio.io': { v1: ['peerauthentications'] } }),
      '/apis/security.istio.io/v1/namespaces/istio-system/peerauthentications': status(403, 'Forbidden', message),
    });
    const expected = source(
      'forbidden',
      /list peerauthentications\.security\.istio\.io in namespace istio-system/,
      /system:serviceaccount:meshbot:worker/,
      /kubectl apply -f deploy\/base\/rbac\.yaml/,
      /mesh-reader/,
    );
    await assert.rejects(names(await clientOf(server), policies, { namespace: 'istio-system' }), expected);
  });

  it('say that credentials are not accepted', async () => {
    const unauthorized = status(401, 'Unauthorized', 'Unauthorized');
    const server = await startApiServer({ '/api/v1/pods': unauthorized, '/version': unauthorized });
    const cluster = await clientOf(server);
    await assert.rejects(names(cluster, pods), source('unauthenticated', /Log in/));
    await assert.rejects(cluster.ready(), source('unauthenticated'));
    assert.equal(server.requests.length, 2);
  });

  const others = [
    [504, 'timeout'],
    [500, 'unreachable'],
    [400, 'invalid'],
  ] as const;
  for (const [code, reason] of others) {
    it(`take ${code} for ${reason}`, async () => {
      const server = await startApiServer({ '/api/v1/pods': status(code, 'Some', 'etcd is sad') });
      await assert.rejects(names(await clientOf(server), pods), source(reason, /etcd is sad/));
    });
  }

  const strange = [
    [
      'a log-in page',
      {
        body: '<html><head><style>a{}</style><title>Sign in to Corp</title></head></html>',
        headers: { 'content-type': 'text/html' },
      },
      'unreachable',
      /Sign in to Corp/,
    ],
    [
      'a page with a refusal',
      { status: 403, body: '<!doctype html>Blocked by the proxy', headers: { 'content-type': 'text/html' } },
      'unreachable',
      /Blocked by the proxy/,
    ],
    [
      'a way to another place',
      { status: 302, headers: { location: 'https://login.example/?token=canary' } },
      'unreachable',
      /login\.example/,
    ],
    [
      'JSON that is cut off',
      { body: '{"kind": "PodList", "ite', headers: { 'content-type': 'application/json' } },
      'invalid',
      /cut off/,
    ],
    ['something that is no list', { body: { kind: 'Namespace', apiVersion: 'v1' } }, 'invalid', /Namespace/],
    [
      'items that are no objects',
      { body: { kind: 'PodList', metadata: {}, items: [{ metadata: {} }] } },
      'invalid',
      /Pod/,
    ],
    ['nothing', { body: '' }, 'unreachable', /nothing/],
    ['a token in its text', { body: `Bearer ${'canary'.repeat(9)}` }, 'unreachable', /redacted/],
  ] as const;
  for (const [what, reply, reason, says] of strange) {
    it(`do not take ${what} for an answer`, async () => {
      const server = await startApiServer({ '/api/v1/pods': reply });
      await assert.rejects(names(await clientOf(server), pods), source(reason, says));
    });
  }
});
