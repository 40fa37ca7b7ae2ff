import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Redis } from 'ioredis';
import { exportAround } from '../../src/bot-metrics.ts';
import { openQueues } from '../../src/jobs/open-queues.ts';
import { createMetrics } from '../../src/metrics.ts';
import { type DeployObject, deployFiles, deployObjects } from './deploy-files.ts';

const objects = deployObjects();
const rules = objects
  .filter(({ kind }) => kind === 'PrometheusRule')
  .flatMap((one) => one.spec.groups.flatMap((group: DeployObject) => group.rules));
const [podMonitor] = objects.filter(({ kind }) => kind === 'PodMonitor');

/** What Prometheus adds to each series by itself, and what the PodMonitor has it add. */
const ofTarget = ['namespace', 'pod', 'job', ...podMonitor.spec.podTargetLabels.map(labelOf)];

/** As the operator writes a label of a pod. */
function labelOf(name: string): string {
  return name.replaceAll(/[^a-zA-Z0-9_]/g, '_');
}

type Named = readonly [name: string, labels: readonly string[]];

/** The names of all metrics, with the labels of each. Nothing is read for it: the store may be away. */
function known(): ReadonlyMap<string, readonly string[]> {
  const metrics = createMetrics();
  const redis = new Redis({ lazyConnect: true });
  exportAround(metrics, {
    ...{ redis, queues: openQueues(redis), clusters: [] },
    audit: { sight: () => ({ status: 'unknown', why: '' }) },
    remediations: { open: async () => [], load: async () => undefined },
  });
  const own = metrics.registry
    .getMetricsAsArray()
    .map((one): Named => [one.name, 'labelNames' in one ? (one.labelNames as string[]) : []]);
  const gauges = globSync('src/*.ts').flatMap((file) =>
    Array.from(
      readFileSync(file, 'utf8').matchAll(/metrics\.gauge\(\s*'(\w+)'/g),
      ([, name = '']): Named => [name, []],
    ),
  );
  return new Map<string, readonly string[]>([...gauges, ...own, ['up', []]]);
}

/** Each metric that an expression names, with the labels that it selects by. */
function selectorsOf(expr: string) {
  return Array.from(expr.matchAll(/\b(meshbot_\w+|up)\b(?:\{([^}]*)\})?/g), ([, name = '', labels = '']) => ({
    name: name.replace(/_bucket$/, ''),
    labels: Array.from(labels.matchAll(/(\w+)\s*[!=]/g), ([, label = '']) => label),
  }));
}

function groupedBy(expr: string): readonly string[] {
  return Array.from(expr.matchAll(/\bby \(([^)]*)\)/g), ([, labels = '']) => labels.split(', ')).flat();
}

describe('the alerts of deploy/', () => {
  const metrics = known();

  it('are there', () => assert.ok(rules.length > 15));

  for (const { alert, expr, annotations, labels: own, for: wait } of rules) {
    it(`${alert} asks for metrics and labels that there are`, () => {
      const selectors = selectorsOf(expr);
      assert.ok(selectors.length > 0);
      for (const { name, labels } of selectors) {
        const has = metrics.get(name);
        assert.ok(has, name);
        for (const label of labels) assert.ok([...has, ...ofTarget].includes(label), `${name} has no label ${label}`);
      }
      const all = selectors.flatMap(({ name }) => metrics.get(name) ?? []);
      const buckets = /_bucket\b/.test(expr) ? ['le'] : [];
      for (const label of groupedBy(expr)) assert.ok([...all, ...ofTarget, ...buckets].includes(label), label);
    });

    it(`${alert} says what is wrong and what to look at, by labels that its series have`, () => {
      assert.ok(annotations.summary && annotations.description && own.severity);
      assert.ok(wait !== undefined || /\[\d+m\]/.test(expr));
      const used = `${annotations.summary} ${annotations.description}`.matchAll(/\$labels\.(\w+)/g);
      for (const [, label = ''] of used) assert.ok(groupedBy(expr).includes(label), label);
    });
  }

  it('select no namespace and no release of their own: both are the installer’s to choose', () => {
    for (const { alert, expr } of rules) assert.doesNotMatch(expr, /namespace[!=]|job="/, alert);
  });

  it('scrape the port and path where metrics are', () => {
    const [endpoint] = podMonitor.spec.podMetricsEndpoints;
    assert.deepEqual([endpoint.port, endpoint.path], ['health', '/metrics']);
  });

  it('on a bot are left out where only a worker runs', () => {
    const [rule] = deployFiles().get('deploy/components/monitoring/alerts-bot.yaml') ?? [];
    const [{ patches }] = deployFiles().get('deploy/components/worker-only/kustomization.yaml') ?? [];
    assert.ok(
      patches.some(
        ({ target, patch }: DeployObject) => target?.name === rule.metadata.name && /\$patch: delete/.test(patch),
      ),
    );
  });
});
