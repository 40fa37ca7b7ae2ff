import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ConfigError, readBotConfig, readFixerConfig, readWorkerConfig, variables } from '../src/config.ts';
import type { Variable } from '../src/variables.ts';

const common = { REDIS_URL: 'redis://localhost:6379', SLACK_BOT_TOKEN: 'xoxb-1' };
const bot = { ...common, SLACK_APP_TOKEN: 'xapp-1', CLUSTERS: 'prod-eu, prod-us' };
const worker = { ...common, CLUSTER: 'prod-eu' };
const approvalKey = 'k'.repeat(32);
const fixer = {
  REDIS_URL: 'redis://localhost:6379',
  CLUSTER: 'prod-eu',
  POLICY_FILE: '/etc/meshbot/policy.yaml',
  APPROVAL_KEY: approvalKey,
};

describe('the configuration', () => {
  it('of a bot', () => {
    assert.deepEqual(readBotConfig(bot), {
      redisUrl: 'redis://localhost:6379',
      botToken: 'xoxb-1',
      listenHost: '0.0.0.0',
      healthPort: 8081,
      logLevel: 'info',
      shutdownMs: 25_000,
      transport: { mode: 'socket', appToken: 'xapp-1' },
      clusters: ['prod-eu', 'prod-us'],
      requestsPerMinute: 20,
    });
  });

  it('of a bot over HTTP', () => {
    const { transport } = readBotConfig({
      ...bot,
      SLACK_MODE: 'http',
      SLACK_SIGNING_SECRET: '0123456789abcdef',
      HTTP_PORT: '80',
    });
    assert.deepEqual(transport, { mode: 'http', signingSecret: '0123456789abcdef', port: 80 });
  });

  it('of a worker', () => {
    const config = readWorkerConfig({ ...worker, WORKER_CONCURRENCY: '8', KUBE_CONTEXT: 'eu' });
    assert.equal(config.cluster, 'prod-eu');
    assert.equal(config.concurrency, 8);
    assert.equal(config.kubeContext, 'eu');
  });

  it('of a fixer, which has no token of Slack', () => {
    assert.deepEqual(
      readFixerConfig({ ...fixer, FREEZE_CONFIGMAP: 'meshbot/meshbot-freeze', SLACK_BOT_TOKEN: 'xoxb-1' }),
      {
        redisUrl: 'redis://localhost:6379',
        listenHost: '0.0.0.0',
        healthPort: 8081,
        logLevel: 'info',
        shutdownMs: 25_000,
        cluster: 'prod-eu',
        policyFile: '/etc/meshbot/policy.yaml',
        approvalKey,
        freezeConfigMap: { namespace: 'meshbot', name: 'meshbot-freeze' },
      },
    );
    assert.equal(problemsOf(() => readFixerConfig({ ...fixer, FREEZE_CONFIGMAP: 'meshbot-freeze' })).length, 1);
  });

  it('of fixes: off without a policy, and with one a key has to be long', () => {
    assert.equal(readBotConfig({ ...bot, APPROVAL_KEY: approvalKey }).approvalKey, undefined);
    const { policyFile, approvalKey: key } = readBotConfig({ ...bot, POLICY_FILE: '/p', APPROVAL_KEY: approvalKey });
    assert.deepEqual([policyFile, key], ['/p', approvalKey]);
    assert.equal(readWorkerConfig({ ...worker, POLICY_FILE: '/p' }).policyFile, '/p');
    // Whether it needs one is known when the policy is read.
    assert.equal(readBotConfig({ ...bot, POLICY_FILE: '/p' }).approvalKey, undefined);
    for (const read of [
      () => readBotConfig({ ...bot, POLICY_FILE: '/p', APPROVAL_KEY: 'canary-short' }),
      () => readBotConfig({ ...bot, POLICY_FILE: '/p', APPROVAL_KEY_FILE: '/nowhere/approval-key' }),
      () => readFixerConfig({ ...fixer, APPROVAL_KEY: undefined }),
      () => readFixerConfig({ ...fixer, APPROVAL_KEY: 'canary-short' }),
    ]) {
      const problems = problemsOf(read);
      assert.deepEqual([problems.length, problems.join().includes('APPROVAL_KEY')], [1, true]);
      assert.doesNotMatch(problems.join(), /canary/);
    }
  });

  it('refuses the password of the example', () => {
    for (const REDIS_URL of ['redis://:PASSWORD@redis:6379', 'rediss://user:PASSWORD@redis:6380'])
      for (const read of [
        () => readBotConfig({ ...bot, REDIS_URL }),
        () => readWorkerConfig({ ...worker, REDIS_URL }),
        () => readFixerConfig({ ...fixer, REDIS_URL }),
      ])
        assert.match(problemsOf(read).join(), /^REDIS_URL [^,]*$/);
    assert.ok(readBotConfig({ ...bot, REDIS_URL: 'redis://:PASSWORDS@redis:6379' }));
  });

  it('of Prometheus', () => {
    const url = 'https://thanos-querier.openshift-monitoring.svc:9091';
    const { prometheus } = readWorkerConfig({
      ...worker,
      PROMETHEUS_URL: url,
      PROMETHEUS_TOKEN_FILE: '/var/run/token',
      PROMETHEUS_CA_FILE: '/ca.crt',
    });
    assert.deepEqual(prometheus, { url, tokenFile: '/var/run/token', caFile: '/ca.crt' });
    assert.equal(readWorkerConfig({ ...worker, PROMETHEUS_TOKEN: 'x' }).prometheus, undefined);
    const wrong = { PROMETHEUS_URL: 'thanos:9091', PROMETHEUS_TOKEN: 'canary', PROMETHEUS_TOKEN_FILE: '/x' };
    const problems = problemsOf(() => readWorkerConfig({ ...worker, ...wrong }));
    assert.equal(problems.length, 2);
    assert.doesNotMatch(problems.join(), /canary/);
  });

  it('of what proxies counted', () => {
    assert.equal(readWorkerConfig(worker).proxyMetricsPort, undefined);
    assert.equal(readWorkerConfig({ ...worker, PROXY_METRICS: '15020' }).proxyMetricsPort, 15_020);
    const problems = problemsOf(() => readWorkerConfig({ ...worker, PROXY_METRICS: '15000' }));
    assert.deepEqual([problems.length, problems.join().includes('PROXY_METRICS')], [1, true]);
  });

  it('says everything that is wrong at once, and no secret', () => {
    const problems = problemsOf(() =>
      readBotConfig({
        REDIS_URL: 'http://user:canary@x',
        SLACK_BOT_TOKEN: 'canary',
        HEALTH_PORT: '80a',
        LOG_LEVEL: 'loud',
        CLUSTERS: 'Prod',
        DEFAULT_CLUSTER: 'x',
      }),
    );
    const names = [
      'REDIS_URL',
      'SLACK_BOT_TOKEN',
      'SLACK_APP_TOKEN',
      'HEALTH_PORT',
      'LOG_LEVEL',
      'CLUSTERS',
      'DEFAULT_CLUSTER',
    ];
    for (const name of names)
      assert.ok(
        problems.some((problem) => problem.startsWith(name)),
        name,
      );
    assert.ok(!problems.join().includes('canary'));
  });

  for (const [process, read] of Object.entries({
    bot: readBotConfig,
    worker: readWorkerConfig,
    fixer: readFixerConfig,
  })) {
    it(`refuses an empty environment for the ${process}, naming each variable that is needed`, () => {
      const needed = variables.filter(({ requiredBy }: Variable) => requiredBy.some((one) => one === process));
      assert.ok(needed.length > 1);
      const problems = problemsOf(() => read({}));
      for (const { name } of needed)
        assert.ok(
          problems.some((problem) => problem.startsWith(name)),
          name,
        );
    });
  }

  it('refuses an empty signing secret', () => {
    assert.equal(problemsOf(() => readBotConfig({ ...bot, SLACK_MODE: 'http', SLACK_SIGNING_SECRET: ' ' })).length, 1);
  });

  it('reads secrets from files', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-config-'));
    try {
      const file = path.join(dir, 'token');
      writeFileSync(file, 'xoxb-file\n');
      const { SLACK_BOT_TOKEN: _, ...rest } = worker;
      assert.equal(readWorkerConfig({ ...rest, SLACK_BOT_TOKEN_FILE: file }).botToken, 'xoxb-file');
      assert.equal(problemsOf(() => readWorkerConfig({ ...worker, SLACK_BOT_TOKEN_FILE: file })).length, 1);
      assert.equal(problemsOf(() => readWorkerConfig({ ...rest, SLACK_BOT_TOKEN_FILE: `${file}-none` })).length, 1);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  assert.fail('the configuration was accepted');
}
