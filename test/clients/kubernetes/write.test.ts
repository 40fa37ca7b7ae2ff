import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { clusterWriter } from '../../../src/clients/kubernetes/write.ts';
import { writeRequest } from '../../../src/clients/kubernetes/write-request.ts';
import type { Change } from '../../../src/model/fix.ts';
import { resources } from '../../../src/model/resources.ts';
import { type KubeObject, SourceError } from '../../../src/model/sources.ts';
import type { WriteOutcome } from '../../../src/model/writer.ts';
import { clientOf, type Replies, type Reply, startApiServer, status } from './api-server.ts';
import { source } from './reason.ts';

const { peerAuthentications: resource } = resources;

const place = { resource, namespace: 'shop', name: 'default' };
const path = '/apis/security.istio.io/v1/namespaces/shop/peerauthentications/default';
const policy = (mode: string, meta: object = {}): KubeObject => ({
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
  metadata: { name: 'default', namespace: 'shop', ...meta },
  spec: { mtls: { mode } },
});
const seen = { uid: 'u1', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' };
const update: Change = {
  ...place,
  before: policy('PERMISSIVE', seen),
  after: policy('STRICT', { ...seen, annotations: { 'meshbot.io/plan': 'p1' } }),
};
const creation: Change = { ...place, before: null, after: policy('STRICT') };
const deletion: Change = { ...place, before: policy('STRICT', seen), after: null };

describe('the request of a change', () => {
  it('tests what it replaces, and first which object it is', () => {
    const request = writeRequest(update, { dryRun: true });
    assert.deepEqual(request, {
      method: 'PATCH',
      path,
      query: { fieldManager: 'meshbot', fieldValidation: 'Strict', dryRun: 'All' },
      headers: { 'content-type': 'application/json-patch+json' },
      body: [
        { op: 'test', path: '/metadata/uid', value: 'u1' },
        { op: 'test', path: '/metadata/resourceVersion', value: '7' },
        { op: 'test', path: '/spec/mtls/mode', value: 'PERMISSIVE' },
        { op: 'add', path: '/metadata/annotations', value: { 'meshbot.io/plan': 'p1' } },
        { op: 'replace', path: '/spec/mtls/mode', value: 'STRICT' },
      ],
    });
  });

  it('has a dry run of a deletion in its body, since the query beside it is not looked at', () => {
    const [tried, real] = [true, false].map((dryRun) => writeRequest(deletion, { dryRun }));
    const preconditions = { uid: 'u1', resourceVersion: '7' };
    assert.deepEqual(real?.body, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions });
    assert.deepEqual(tried?.body, { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, dryRun: ['All'] });
  });

  it('is none where it is not known which object was seen', () => {
    assert.equal(writeRequest({ ...update, before: policy('PERMISSIVE') }, { dryRun: false }), undefined);
  });

  it('says on whose behalf, with a line for each group', async () => {
    const server = await startApiServer({ [`PATCH ${path}`]: { body: policy('STRICT') } });
    const writer = clusterWriter(await clientOf(server));
    await writer.write(creation, { dryRun: false, as: { user: 'ana', groups: ['sre', 'dev'] } });
    const lines = server.lastHeaders().map((one) => one.toLowerCase());
    const values = (name: string) => lines.filter((_, index) => index % 2 === 1 && lines[index - 1] === name);
    assert.deepEqual(values('impersonate-user'), ['ana']);
    assert.deepEqual(values('impersonate-group'), ['sre', 'dev']);
    assert.deepEqual(values('content-type'), ['application/apply-patch+yaml']);
  });
});

describe('whether a person may make a change', () => {
  it('says what to grant where the fixer may not ask', async () => {
    const review = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const server = await startApiServer({
      [`POST ${review}`]: status(403, 'Forbidden', 'User "f" cannot create resource "subjectaccessreviews"'),
    });
    const writer = clusterWriter(await clientOf(server));
    await assert.rejects(writer.isAllowed(update, { user: 'ana', groups: [] }), (error) => {
      assert.ok(error instanceof SourceError && error.reason === 'forbidden', String(error));
      assert.match(error.next ?? '', /meshbot policy rbac/);
      assert.doesNotMatch(error.next ?? '', /--as/);
      return true;
    });
  });
});

describe('what became of a write', () => {
  const invalid = { name: 'default', causes: [{ field: 'spec', message: 'Invalid value' }] };
  const rejectedBy = (name: string) => (outcome: WriteOutcome) =>
    outcome.status === 'rejected' && outcome.by.includes(name);
  const written = (how: string) => (outcome: WriteOutcome) =>
    outcome.status === 'unavailable' && outcome.written === how;
  // As API servers answered.
  const cases: readonly [string, Reply, (outcome: WriteOutcome) => boolean][] = [
    ['written', { body: policy('STRICT', seen) }, ({ status: is }) => is === 'written'],
    ['a conflict', status(409, 'Conflict', 'the object has been modified'), ({ status: is }) => is === 'drifted'],
    [
      'a failed test',
      status(422, 'Invalid', 'the server rejected our request due to an error in our request', { details: {} }),
      ({ status: is }) => is === 'drifted',
    ],
    [
      'gone',
      status(404, 'NotFound', 'not found', { details: { name: 'default' } }),
      ({ status: is }) => is === 'drifted',
    ],
    [
      'not served',
      status(404, 'NotFound', 'the server could not find the requested resource', { details: {} }),
      rejectedBy('API server'),
    ],
    [
      'invalid',
      status(422, 'Invalid', 'PeerAuthentication "default" is invalid', { details: invalid }),
      rejectedBy('API server'),
    ],
    [
      'a webhook with 400, as istiod answers',
      status(400, '', 'admission webhook "rev.validation.istio.io" denied the request: configuration is invalid'),
      rejectedBy('rev.validation.istio.io'),
    ],
    [
      'a webhook with 403, as others answer',
      status(403, 'Forbidden', 'admission webhook "monitoringconfigmaps.openshift.io" denied the request: no'),
      rejectedBy('monitoringconfigmaps.openshift.io'),
    ],
    [
      'an admission policy',
      status(403, 'Forbidden', `is forbidden: ValidatingAdmissionPolicy 'frozen' with binding 'b' denied request: no`),
      rejectedBy('frozen'),
    ],
    [
      'an ending namespace',
      status(
        403,
        'Forbidden',
        'is forbidden: unable to create new content in namespace shop because it is being terminated',
      ),
      rejectedBy('API server'),
    ],
    [
      'RBAC',
      status(403, 'Forbidden', '"default" is forbidden: User "fixer" cannot patch resource "peerauthentications"'),
      ({ status: is }) => is === 'forbidden',
    ],
    [
      'no right to impersonate',
      status(403, 'Forbidden', 'users "ana" is forbidden: User "fixer" cannot impersonate resource "users"'),
      (outcome) => outcome.status === 'forbidden' && outcome.detail.startsWith('fixer may not write as somebody else'),
    ],
    [
      'a webhook that is down',
      status(500, 'InternalError', 'failed calling webhook "x": connection refused'),
      written('no'),
    ],
    ['too busy', status(429, 'TooManyRequests', 'too many requests'), written('no')],
    ['broken', status(500, 'InternalError', 'etcdserver: request timed out'), written('maybe')],
    ['overloaded', status(503, 'ServiceUnavailable', 'try later'), written('maybe')],
    ['out of time', status(504, 'Timeout', 'Timeout: request did not complete'), written('maybe')],
    ['broken off', { reset: true }, written('maybe')],
  ];
  for (const [what, reply, holds] of cases) {
    it(`is known, and it is not made again: ${what}`, async () => {
      const replies: Replies = { [`PATCH ${path}`]: reply };
      const server = await startApiServer(replies);
      const outcome = await clusterWriter(await clientOf(server)).write(update, { dryRun: false });
      assert.ok(holds(outcome), JSON.stringify(outcome));
      assert.equal(server.requests.length, 1);
    });
  }

  it('is surely nothing where nobody listens', async () => {
    const cluster = await clientOf({ url: 'http://127.0.0.1:1' });
    const outcome = await clusterWriter(cluster).write(update, { dryRun: false });
    assert.ok(written('no')(outcome), JSON.stringify(outcome));
  });
});

describe('the freeze of a cluster', () => {
  const freeze = { namespace: 'meshbot', name: 'freeze' };
  const at = '/api/v1/namespaces/meshbot/configmaps/freeze';
  const frozenBy = async (reply: Reply) =>
    clusterWriter(await clientOf(await startApiServer({ [at]: reply })), { freeze }).frozen();
  const configMap = (data: object) => ({
    body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'freeze' }, data },
  });

  it('is what people write in a hurry', async () => {
    for (const frozen of ['true', 'True', 'yes', '1']) assert.ok(await frozenBy(configMap({ frozen })), frozen);
    assert.equal(await frozenBy(configMap({ frozen: 'true', because: 'a release' })), 'a release');
  });

  it('is off where it says so, says nothing, or is not there', async () => {
    for (const data of [{ frozen: 'false' }, { frozen: '' }, {}])
      assert.equal(await frozenBy(configMap(data)), undefined);
    const gone = status(404, 'NotFound', 'not found', { details: { name: 'freeze' } });
    assert.equal(await frozenBy(gone), undefined);
  });

  it('is never taken for off where it cannot be read', async () => {
    await assert.rejects(
      frozenBy(status(403, 'Forbidden', 'User "fixer" cannot get')),
      source('forbidden', /deploy\/fixes/),
    );
    await assert.rejects(frozenBy({ reset: true }), source('unreachable'));
  });
});
