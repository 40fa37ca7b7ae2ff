import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { names, pods, policies, rules } from '../files/resources.ts';
import { clientOf, discovery, page, startApiServer, status } from './api-server.ts';
import { source } from './reason.ts';

const path = (version: string) => `/apis/security.istio.io/${version}/peerauthentications`;
const group = (...versions: readonly string[]) => ({
  name: 'security.istio.io',
  versions: versions.map((version) => ({ version })),
});

describe('discovery', () => {
  it('chooses the best version that is served, and asks once for many lists', async () => {
    const server = await startApiServer({
      '/apis': discovery({
        'security.istio.io': {
          v2: ['peerauthentications'],
          v1beta1: ['peerauthentications'],
          v1: ['authorizationpolicies'],
        },
      }),
      [path('v1beta1')]: page(['a']),
    });
    const cluster = await clientOf(server);
    const versions = await Promise.all([1, 2, 3].map(() => cluster.list(policies, {}, ({ apiVersion }) => apiVersion)));
    assert.deepEqual(versions.flat(), Array(3).fill('security.istio.io/v1beta1'));
    assert.equal(server.requests.filter((one) => one === 'GET /apis').length, 1);
  });

  it('asks older API servers version by version', async () => {
    const server = await startApiServer({
      '/apis': { body: { kind: 'APIGroupList', apiVersion: 'v1', groups: [group('v1', 'v1beta1')] } },
      '/apis/security.istio.io/v1': {
        body: { kind: 'APIResourceList', resources: [{ name: 'authorizationpolicies' }] },
      },
      '/apis/security.istio.io/v1beta1': {
        body: { kind: 'APIResourceList', resources: [{ name: 'peerauthentications' }] },
      },
      [path('v1beta1')]: page(['a']),
    });
    assert.deepEqual(await names(await clientOf(server), policies), ['shop/a']);
  });

  it('tells what is not installed, by the name of its definition', async () => {
    const cluster = await clientOf(
      await startApiServer({ '/apis': discovery({ 'security.istio.io': { v1: ['requestauthentications'] } }) }),
    );
    const expected = source('not-installed', /peerauthentications\.security\.istio\.io/, /Istio/);
    await assert.rejects(names(cluster, policies), expected);
    await assert.rejects(cluster.get(policies, 'default', { namespace: 'shop' }), expected);
    await assert.rejects(names(cluster, rules), source('not-installed', /destinationrules\.networking\.istio\.io/));
  });

  it('does not take a version that it does not understand for nothing', async () => {
    const cluster = await clientOf(
      await startApiServer({ '/apis': discovery({ 'security.istio.io': { v9: ['peerauthentications'] } }) }),
    );
    await assert.rejects(names(cluster, policies), source('invalid', /v9/));
  });

  it('looks again when what was served is gone', async () => {
    const server = await startApiServer({
      '/apis': [discovery({ 'security.istio.io': { v1: ['peerauthentications'] } }), discovery({})],
    });
    await assert.rejects(names(await clientOf(server), policies), source('not-installed'));
  });

  it('looks again when a version was replaced', async () => {
    const server = await startApiServer({
      '/apis': [
        discovery({ 'security.istio.io': { v1: ['peerauthentications'] } }),
        discovery({ 'security.istio.io': { v1beta1: ['peerauthentications'] } }),
      ],
      [path('v1beta1')]: page(['a']),
    });
    assert.deepEqual(await names(await clientOf(server), policies), ['shop/a']);
  });

  it('does not keep a failure', async () => {
    const server = await startApiServer({
      '/apis': [status(500, 'Some', 'starting'), discovery({ 'security.istio.io': { v1: ['peerauthentications'] } })],
      [path('v1')]: page(['a']),
    });
    const cluster = await clientOf(server);
    await assert.rejects(names(cluster, policies), source('unreachable'));
    assert.deepEqual(await names(cluster, policies), ['shop/a']);
  });

  it('does not take an extension API server that is down for one that serves nothing', async () => {
    const version = { version: 'v1', freshness: 'Stale' };
    const body = {
      kind: 'APIGroupDiscoveryList',
      items: [{ metadata: { name: 'security.istio.io' }, versions: [version] }],
    };
    const server = await startApiServer({
      '/apis': { body },
      '/apis/security.istio.io/v1': status(503, 'ServiceUnavailable', 'service unavailable'),
    });
    await assert.rejects(names(await clientOf(server), policies), source('unreachable', /apiservices/));
  });

  it('says when even that is refused', async () => {
    const cluster = await clientOf(await startApiServer({ '/apis': status(403, 'Forbidden', 'no') }));
    await assert.rejects(names(cluster, policies), source('forbidden', /system:discovery/));
  });
});

describe('one object of a live cluster', () => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a/b', namespace: 'shop' } };

  it('is read by its name, which is never a path', async () => {
    const server = await startApiServer({ '/api/v1/namespaces/shop/pods/a%2Fb': { body: object } });
    assert.deepEqual(await (await clientOf(server)).get(pods, 'a/b', { namespace: 'shop' }), object);
  });

  it('is undefined where it does not exist', async () => {
    const missing = status(404, 'NotFound', 'pods "x" not found', { details: { name: 'x', kind: 'pods' } });
    const server = await startApiServer({ '/api/v1/namespaces/shop/pods/x': missing });
    assert.equal(await (await clientOf(server)).get(pods, 'x', { namespace: 'shop' }), undefined);
  });

  it('is refused by name', async () => {
    const server = await startApiServer({ '/api/v1/namespaces/shop/pods/x': status(403, 'Forbidden', 'no') });
    await assert.rejects(
      (await clientOf(server)).get(pods, 'x', { namespace: 'shop' }),
      source('forbidden', /get pods x in namespace shop/),
    );
  });

  it('is never another one, whatever its name is', async () => {
    const server = await startApiServer({ '/api/v1/namespaces/shop/': { body: { ...object, kind: 'Namespace' } } });
    await assert.rejects((await clientOf(server)).get(pods, '..', { namespace: 'shop' }), source('invalid'));
  });

  it('must be an object', async () => {
    const server = await startApiServer({ '/api/v1/namespaces/shop/pods/x': { body: ['x'] } });
    await assert.rejects((await clientOf(server)).get(pods, 'x', { namespace: 'shop' }), source('invalid'));
  });
});
