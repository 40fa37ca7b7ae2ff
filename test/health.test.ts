import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type HealthServer, type Probe, serveHealth } from '../src/health.ts';
import { createMetrics } from '../src/metrics.ts';

describe('the health port', () => {
  const metrics = createMetrics();
  let probe: Probe;
  let server: HealthServer;

  before(async () => {
    const probes = { redis: () => probe(), slack: () => undefined };
    server = await serveHealth({ host: '127.0.0.1', port: 0, registry: metrics.registry, probes });
  });
  after(() => server.close());

  const get = (path: string) => fetch(`${server.url}${path}`);

  it('says that it is ready, or what is not', async () => {
    probe = () => undefined;
    assert.equal((await get('/readyz')).status, 200);
    probe = () => 'no connection';
    const response = await get('/readyz');
    assert.equal(response.status, 503);
    assert.match(await response.text(), /fail redis: no connection\nok {3}slack/);
  });

  it('is not ready where a probe throws or never answers, and lives all the same', async () => {
    probe = () => Promise.reject(new Error('x'));
    assert.equal((await get('/readyz')).status, 503);
    probe = () => new Promise(() => {});
    const [ready, live] = await Promise.all([get('/readyz'), get('/livez')]);
    assert.equal(ready.status, 503);
    assert.equal(live.status, 200);
  });

  it('gives metrics with our names', async () => {
    metrics.handlers.command('mtls', 'queued');
    metrics.handlers.acked(0.01);
    metrics.checks.answered('mtls', 'warning', 1.2);
    metrics.checks.evidence('workloads', 'collected', 0.3);
    metrics.checks.evidence('services', 'forbidden', 0.1);
    metrics.checks.putOff('rate-limited');
    metrics.slackCall('chat.postMessage', 'ok', 0.2);
    metrics.taken(0.1);
    metrics.gauge('meshbot_test', 'A value that cannot be read', () => Promise.reject(new Error('x')));
    const text = await (await get('/metrics')).text();
    assert.match(text, /meshbot_commands_total\{topic="mtls",outcome="queued"\} 1/);
    assert.match(text, /meshbot_answers_total\{topic="mtls",verdict="warning"\} 1/);
    assert.match(text, /meshbot_evidence_missing_total\{kind="services",reason="forbidden"\} 1/);
    assert.match(text, /meshbot_evidence_seconds_count\{kind="workloads"\} 1/);
    assert.match(text, /meshbot_slack_calls_total\{method="chat.postMessage",outcome="ok"\} 1/);
    assert.doesNotMatch(text, /^meshbot_test/m);
  });

  it('knows no other paths', async () => {
    assert.equal((await get('/secrets')).status, 404);
  });
});
