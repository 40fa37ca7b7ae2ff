import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { forRequests, withinRequest } from '../src/log.ts';
import { testLog } from './helpers/log.ts';

const canaries = [
  'xoxb-123456789012-canary',
  'xapp-1-A111-222-canary',
  'xoxe.xoxp-1-canarycanary',
  'https://hooks.slack.com/commands/T1/123/canary',
  'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.canary',
  'Bearer canary-canary-canary',
  'redis://user:canary@redis:6379',
  'sha256~canarycanarycanarycanary',
  '-----BEGIN RSA PRIVATE KEY-----\ncanary\n-----END RSA PRIVATE KEY-----',
];

describe('the log', () => {
  for (const canary of canaries) {
    it(`never shows ${canary.slice(0, 20)}…`, () => {
      const { log, slack, lines } = testLog();
      log.info({ deep: [{ down: { here: canary } }] }, `and ${canary} here`);
      log.child({ also: canary }).error({ error: new Error(canary, { cause: new Error(canary) }) }, 'failed');
      slack.warn('a library says', canary, new Error(canary));
      assert.equal(lines.length, 3);
      assert.ok(!JSON.stringify(lines).includes('canary'));
    });
  }

  it('never shows what stands under a secret name', () => {
    const { log, lines } = testLog();
    log.info(
      { token: 'canary', slack: { signingSecret: 'canary', response_url: 'canary' }, a: { b: { password: 'canary' } } },
      'x',
    );
    assert.ok(!JSON.stringify(lines).includes('canary'));
  });

  it('keeps the request id on every line, and the cause of an error', () => {
    const { log, lines } = testLog();
    log.child({ requestId: 'r1' }).error({ error: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    assert.equal(lines[0]?.requestId, 'r1');
    assert.match(JSON.stringify(lines[0]), /outer.*inner/);
  });

  it('knows for which request a client that serves many was called', async () => {
    const { log, lines } = testLog();
    const shared = forRequests(log);
    await Promise.all(
      ['r1', 'r2'].map((id) =>
        withinRequest(id, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          shared.debug({ path: `/${id}` }, 'asked');
        }),
      ),
    );
    shared.debug({ path: '/none' }, 'asked');
    assert.deepEqual(
      lines.map(({ path, requestId }) => [path, requestId]),
      [
        ['/r1', 'r1'],
        ['/r2', 'r2'],
        ['/none', undefined],
      ],
    );
  });

  it('drops what the libraries of Slack say in detail: whole payloads', () => {
    const { slack, lines } = testLog('trace');
    slack.debug('payload', { user: 'U1' });
    assert.deepEqual(lines, []);
  });
});
