import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findAccess } from '../../../src/clients/kubernetes/access.ts';
import { impersonationHeaders } from '../../../src/clients/kubernetes/credentials.ts';
import { liveCluster } from '../../../src/clients/kubernetes/live-cluster.ts';
import { proxyFor } from '../../../src/clients/kubernetes/proxy.ts';
import { folderOf } from '../files/folder.ts';
import { names, pods } from '../files/resources.ts';
import { clientOf, kubeconfigFor, page, startApiServer, status } from './api-server.ts';
import { source } from './reason.ts';

const named = (cluster: string, server: string, current?: string) =>
  JSON.stringify({
    ...(current !== undefined && { 'current-context': current }),
    contexts: [{ name: cluster, context: { cluster, user: 'u' } }],
    clusters: [{ name: cluster, cluster: { server } }],
    users: [{ name: 'u', user: { token: 'canary' } }],
  });

describe('kubeconfigs', () => {
  it('are joined: the first one that says something counts', () => {
    const folder = folderOf({
      a: named('one', 'https://one:6443'),
      b: named('two', 'https://two:6443/', 'two'),
      c: named('one', 'https://late'),
    });
    const KUBECONFIG = ['missing', 'a', 'b', 'c'].map((name) => `${folder}/${name}`).join(path.delimiter);
    assert.equal(findAccess({}, { KUBECONFIG }).server, 'https://two:6443');
    const { name, server } = findAccess({ context: 'one' }, { KUBECONFIG });
    assert.deepEqual({ name, server }, { name: 'one', server: 'https://one:6443' });
  });

  it('are found at home', () => {
    const HOME = folderOf({ '.kube/config': named('home', 'https://home:6443') });
    assert.equal(findAccess({}, { HOME }).name, 'home');
  });

  it('name files relative to themselves', () => {
    const folder = folderOf({
      config: `current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'https://c', certificate-authority: pki/ca.crt, tls-server-name: api}}]
users: [{name: u, user: {tokenFile: token, exec: {command: ./login, args: [a]}}}]`,
    });
    const access = findAccess({ kubeconfig: `${folder}/config` }, {});
    assert.deepEqual(access.ca, { file: `${folder}/pki/ca.crt` });
    assert.equal(access.servername, 'api');
    assert.deepEqual(access.user.token, { file: `${folder}/token` });
    assert.equal(access.user.exec?.command, `${folder}/login`);
  });

  const wrong: readonly (readonly [
    what: string,
    config: string | undefined,
    context: string | undefined,
    says: RegExp,
  ])[] = [
    ['a file that is not there', undefined, undefined, /does not exist/],
    ['broken YAML, without repeating it', 'users:\n- user: {token: canary\n  [', undefined, /line \d+, column \d+/],
    ['something else', '- a\n', undefined, /not a kubeconfig/],
    ['no contexts', 'kind: Config\n', undefined, /no contexts/],
    ['an unknown context', named('prod-eu', 'https://a'), 'prod-ue', /Did you mean prod-eu/],
    ['no current context of two', '{contexts: [{name: a}, {name: b}]}', undefined, /--context: a, b/],
    [
      'a context of a cluster that is not there',
      '{contexts: [{name: a, context: {cluster: x}}]}',
      undefined,
      /cluster x/,
    ],
    ['a server that is no URL', named('a', 'a:6443'), undefined, /https/],
  ];
  for (const [what, config, context, says] of wrong) {
    it(`complain about ${what}`, () => {
      const kubeconfig = `${folderOf(config === undefined ? {} : { config })}/config`;
      assert.throws(
        () => findAccess({ kubeconfig, ...(context !== undefined && { context }) }, {}),
        (error) =>
          error instanceof Error &&
          error.name === 'UsageError' &&
          says.test(error.message) &&
          !/canary/.test(`${error.message} ${error.cause}`),
      );
    });
  }

  it('complain when there is none', () => {
    assert.throws(() => findAccess({}, { HOME: folderOf({}) }), { name: 'UsageError', message: /--kubeconfig/ });
    assert.throws(() => findAccess({}, { KUBECONFIG: '/none/at/all' }), {
      name: 'UsageError',
      message: /\/none\/at\/all/,
    });
  });

  it('name the cluster, unless the caller does', async () => {
    const kubeconfig = kubeconfigFor('https://127.0.0.1:1');
    assert.equal((await liveCluster({ kubeconfig, env: {} })).name, 'prod-eu');
    assert.equal((await liveCluster({ kubeconfig, env: {}, name: 'eu' })).name, 'eu');
  });
});

describe('credentials', () => {
  const header = (lines: readonly string[], name: string) =>
    lines.filter((_, index) => index % 2 === 1 && lines[index - 1]?.toLowerCase() === name);

  const users: readonly (readonly [what: string, user: object, expected: string | undefined])[] = [
    ['a token', { token: 'abc' }, 'Bearer abc'],
    ['a name and a password', { username: 'ana', password: 'x' }, `Basic ${btoa('ana:x')}`],
    ['nothing', {}, undefined],
    [
      'an auth-provider',
      { 'auth-provider': { name: 'oidc', config: { 'id-token': idToken() } } },
      `Bearer ${idToken()}`,
    ],
  ];
  for (const [what, user, expected] of users) {
    it(`may be ${what}`, async () => {
      const server = await startApiServer({ '/api/v1/pods': page([]) });
      await names(await clientOf(server, {}, user), pods);
      assert.deepEqual(header(server.lastHeaders(), 'authorization'), expected === undefined ? [] : [expected]);
    });
  }

  it('impersonate a user with several groups, a line each', async () => {
    const server = await startApiServer({ '/api/v1/pods': page([]) });
    const user = { token: 't', as: 'ben', 'as-groups': ['dev', 'ops'], 'as-user-extra': { reason: ['night'] } };
    const cluster = await clientOf(server, {}, user);
    await names(cluster, pods);
    const lines = server.lastHeaders();
    assert.deepEqual(header(lines, 'impersonate-user'), ['ben']);
    assert.deepEqual(header(lines, 'impersonate-group'), ['dev', 'ops']);
    assert.deepEqual(header(lines, 'impersonate-extra-reason'), ['night']);
    await cluster.connection.request({
      path: '/api/v1/pods',
      headers: impersonationHeaders({ user: 'carla', groups: ['sre'] }),
    });
    assert.deepEqual(header(server.lastHeaders(), 'impersonate-user'), ['carla']);
    assert.deepEqual(header(server.lastHeaders(), 'impersonate-group'), ['sre']);
  });

  it('are read again from their file when they are refused', async () => {
    const file = `${folderOf({ token: 'old\n' })}/token`;
    const server = await startApiServer({
      '/api/v1/pods': [page([]), status(401, 'Unauthorized', 'expired'), page([])],
    });
    const cluster = await clientOf(server, {}, { tokenFile: file });
    await names(cluster, pods);
    assert.deepEqual(header(server.lastHeaders(), 'authorization'), ['Bearer old']);
    writeFileSync(`${file}.new`, 'new\n');
    renameSync(`${file}.new`, file);
    await names(cluster, pods);
    assert.deepEqual(header(server.lastHeaders(), 'authorization'), ['Bearer new']);
  });

  it('come from a program, which runs once', async () => {
    const folder = folderOf({
      'login.mjs': `import { appendFileSync } from 'node:fs';
appendFileSync(process.env.RUNS, 'x');
const { kind, spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
console.log(JSON.stringify({ kind, status: { token: 'from-' + new URL(spec.cluster.server).hostname } }));`,
    });
    const exec = {
      command: process.execPath,
      args: [`${folder}/login.mjs`],
      env: [{ name: 'RUNS', value: `${folder}/runs` }],
      provideClusterInfo: true,
    };
    const server = await startApiServer({ '/api/v1/pods': page([]) });
    const cluster = await clientOf(server, {}, { exec });
    await Promise.all([names(cluster, pods), names(cluster, pods)]);
    await names(cluster, pods);
    assert.deepEqual(header(server.lastHeaders(), 'authorization'), ['Bearer from-127.0.0.1']);
    const { readFileSync } = await import('node:fs');
    assert.equal(readFileSync(`${folder}/runs`, 'utf8'), 'x');
  });

  const failing: readonly (readonly [what: string, exec: object, says: RegExp])[] = [
    ['is not there', { command: 'no-such-login-program', installHint: 'Install it with brew.' }, /not found.*brew/],
    [
      'fails',
      {
        command: process.execPath,
        args: ['-e', 'console.log("canary"); console.error("please log in"); process.exit(3)'],
      },
      /status 3: please log in/,
    ],
    ['prints something else', { command: process.execPath, args: ['-e', 'console.log("canary")'] }, /ExecCredential/],
  ];
  for (const [what, exec, says] of failing) {
    it(`are missing where the program ${what}`, async () => {
      await assert.rejects(
        names(await clientOf(await startApiServer({}), {}, { exec }), pods),
        source('unauthenticated', says),
      );
    });
  }

  it('are missing where their file is', async () => {
    const cluster = await clientOf(await startApiServer({}), {}, { tokenFile: '/none/token' });
    await assert.rejects(names(cluster, pods), source('unauthenticated', /\/none\/token/));
  });
});

describe('proxies', () => {
  const HTTPS_PROXY = 'proxy:3128';
  const cases: readonly (readonly [server: string, noProxy: string, direct: boolean])[] = [
    ['https://api.example.com:6443', '', false],
    ['https://api.example.com:6443', 'example.com', true],
    ['https://api.example.com:6443', '.example.com', true],
    ['https://example.com', '.example.com', false],
    ['https://example.com', 'ample.com', false],
    ['https://api.example.com:6443', 'api.example.com:443', false],
    ['https://api.example.com:6443', 'other, api.example.com:6443', true],
    ['https://172.30.0.1:443', '10.0.0.0/8,172.30.0.0/16', true],
    ['https://172.31.0.1:443', '172.30.0.0/16', false],
    ['https://[fd00::1]:443', 'fd00::/8', true],
    ['https://127.0.0.1:6443', '', true],
    ['https://any', '*', true],
  ];
  for (const [server, NO_PROXY, direct] of cases) {
    it(`${direct ? 'are not' : 'are'} used for ${server} with NO_PROXY "${NO_PROXY}"`, () => {
      assert.equal(proxyFor(new URL(server), { HTTPS_PROXY, NO_PROXY }), direct ? undefined : 'http://proxy:3128');
    });
  }

  it('of a kubeconfig carry the requests', async () => {
    const proxy = await startApiServer({ '/api/v1/pods': page(['through-proxy']) });
    const kubeconfig = kubeconfigFor('http://cluster.invalid:6443', {}, { 'proxy-url': proxy.url });
    const cluster = await clientOf(proxy, { kubeconfig });
    assert.deepEqual(await names(cluster, pods), ['shop/through-proxy']);
  });

  it('of another kind are refused', async () => {
    await assert.rejects(liveCluster({ kubeconfig: kubeconfigFor('https://a'), env: { HTTPS_PROXY: 'ftp://x' } }), {
      name: 'UsageError',
    });
  });
});

function idToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ exp: 4_000_000_000 })}.x`;
}
