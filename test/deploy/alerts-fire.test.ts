import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { type DeployObject, deployObjects } from './deploy-files.ts';

/** Prometheus' own test of rules; the tools of the cluster tests have it. */
const { MESHBOT_CLUSTER_DIR, XDG_CACHE_HOME = path.join(homedir(), '.cache') } = process.env;
const promtool = path.join(MESHBOT_CLUSTER_DIR ?? path.join(XDG_CACHE_HOME, 'meshbot-cluster'), 'bin', 'promtool');
const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-alerts-'));
after(() => rmSync(folder, { recursive: true }));

/** How many alerts of this name fire after an hour, or after `atMinutes`, with these series: a value each minute. */
interface Case {
  readonly name: string;
  readonly series: Readonly<Record<string, string>>;
  readonly alert: string;
  readonly fires: number;
  readonly atMinutes?: number;
}

const up = (component: string, namespace = 'mesh') =>
  `up{namespace="${namespace}",job="${namespace}/meshbot",app_kubernetes_io_component="${component}",pod="${component}-1"}`;
const ofBot = (name: string, labels = 'target_cluster="prod"', pod = 'bot-1') =>
  `${name}{namespace="mesh",pod="${pod}"${labels === '' ? '' : `,${labels}`}}`;
const asked = ofBot('meshbot_questions_asked_total', '');
const answered = ofBot('meshbot_questions_answered_total', '', 'worker-1');
const fixesAsked = ofBot('meshbot_fixes_asked_total', '');
const planned = ofBot('meshbot_fixes_planned_total', '', 'worker-1');
const silent = (cluster: string) => ofBot('meshbot_cluster_worker_silent_seconds', `target_cluster="${cluster}"`);
const oldest = (queue: string) => ofBot('meshbot_cluster_oldest_job_seconds', `target_cluster="prod",queue="${queue}"`);
const planIn = (state: string) =>
  ofBot('meshbot_cluster_plan_oldest_seconds', `target_cluster="prod",state="${state}"`);

const cases: readonly Case[] = [
  { name: 'pods that answer', series: { [up('bot')]: '1x60' }, alert: 'MeshbotDown', fires: 0 },
  { name: 'pods that do not answer', series: { [up('bot')]: '0x60' }, alert: 'MeshbotDown', fires: 1 },
  {
    name: 'a worker whose pods are gone, in any namespace',
    series: { [up('worker', 'other')]: '1x10 stale', [up('bot', 'other')]: '1x60' },
    alert: 'MeshbotDown',
    fires: 1,
  },
  {
    name: 'a pod that another one replaced',
    series: { [up('worker')]: '1x10 stale', [up('worker').replace('worker-1', 'worker-2')]: '_x10 1x50' },
    alert: 'MeshbotDown',
    fires: 0,
  },
  { name: 'a bot that Prometheus never saw', series: { [up('worker')]: '1x60' }, alert: 'MeshbotNoBot', fires: 1 },
  { name: 'a bot that is there', series: { [up('bot')]: '1x60' }, alert: 'MeshbotNoBot', fires: 0 },
  {
    name: 'the first question after the start, which nobody answers',
    series: { [asked]: '0x10 1x50', [answered]: '0x60' },
    alert: 'MeshbotQuestionsUnanswered',
    fires: 1,
    atMinutes: 18,
  },
  {
    name: 'a question that is answered',
    series: { [asked]: '0x10 1x50', [answered]: '0x10 1x50' },
    alert: 'MeshbotQuestionsUnanswered',
    fires: 0,
    atMinutes: 18,
  },
  {
    name: 'a fix that is asked for, which is no question',
    series: { [asked]: '0x60', [answered]: '0x60', [fixesAsked]: '0x10 1x50', [planned]: '0x10 1x50' },
    alert: 'MeshbotQuestionsUnanswered',
    fires: 0,
    atMinutes: 18,
  },
  {
    name: 'a fix that gets no plan',
    series: { [fixesAsked]: '0x10 1x50', [planned]: '0x60' },
    alert: 'MeshbotFixesUnplanned',
    fires: 1,
    atMinutes: 18,
  },
  {
    name: 'a worker elsewhere, which this Prometheus does not see',
    series: { [asked]: '0x10 1x50' },
    alert: 'MeshbotQuestionsUnanswered',
    fires: 0,
    atMinutes: 18,
  },
  {
    name: 'a worker that is away, of two',
    series: { [silent('prod')]: '0+60x60', [silent('other')]: '3x60' },
    alert: 'MeshbotWorkerAway',
    fires: 1,
  },
  {
    name: 'a worker that never was',
    series: { [silent('prod')]: 'Inf '.repeat(61) },
    alert: 'MeshbotWorkerAway',
    fires: 1,
  },
  {
    name: 'a worker that one of two bots sees',
    series: { [silent('prod')]: '3x60', [silent('prod').replace('bot-1', 'bot-2')]: '900x60' },
    alert: 'MeshbotWorkerAway',
    fires: 0,
  },
  {
    name: 'a worker that Slack refuses',
    series: { [ofBot('meshbot_cluster_slack_refused')]: '1x60' },
    alert: 'MeshbotWorkerRefused',
    fires: 1,
  },
  { name: 'one stuck question', series: { [oldest('check')]: '0+60x60' }, alert: 'MeshbotQueueOld', fires: 1 },
  { name: 'questions that move', series: { [oldest('check')]: '20x60' }, alert: 'MeshbotQueueOld', fires: 0 },
  {
    name: 'digests that take ten minutes',
    series: { [oldest('digest')]: '600x60' },
    alert: 'MeshbotQueueOld',
    fires: 0,
  },
  {
    name: 'a digest that is overdue, whether or not a worker is left',
    series: { [ofBot('meshbot_cluster_digests_overdue')]: '1x60' },
    alert: 'MeshbotDigestOverdue',
    fires: 1,
  },
  {
    name: 'Redis that is away',
    series: { [ofBot('meshbot_redis_up', '')]: '0x60' },
    alert: 'MeshbotRedisDown',
    fires: 1,
  },
  {
    name: 'Redis that is away, of which the bot sees nothing then',
    series: { [ofBot('meshbot_redis_up', '')]: '0x60' },
    alert: 'MeshbotUnseen',
    fires: 0,
  },
  {
    name: 'Redis that answers, and of which nothing is seen',
    series: { [ofBot('meshbot_redis_up', '')]: '1x60' },
    alert: 'MeshbotUnseen',
    fires: 1,
  },
  {
    name: 'all that is to be seen',
    series: {
      [ofBot('meshbot_redis_up', '')]: '1x60',
      [silent('prod')]: '3x60',
      [ofBot('meshbot_audit_broken', '')]: '0x60',
    },
    alert: 'MeshbotUnseen',
    fires: 0,
  },
  {
    name: 'Redis that is nearly full',
    series: {
      [ofBot('meshbot_redis_memory_used_bytes', '')]: '95x60',
      [ofBot('meshbot_redis_memory_max_bytes', '')]: '100x60',
    },
    alert: 'MeshbotRedisFull',
    fires: 1,
  },
  {
    name: 'Redis without a limit',
    series: {
      [ofBot('meshbot_redis_memory_used_bytes', '')]: '95x60',
      [ofBot('meshbot_redis_memory_max_bytes', '')]: '0x60',
    },
    alert: 'MeshbotRedisFull',
    fires: 0,
  },
  {
    name: 'a change that does not end',
    series: { [planIn('applying')]: '0+60x60' },
    alert: 'MeshbotPlanApplying',
    fires: 1,
  },
  {
    name: 'a plan that nobody applies',
    series: { [planIn('cleared')]: '0+60x60' },
    alert: 'MeshbotPlanStuck',
    fires: 1,
  },
  {
    name: 'a plan that waits for approval',
    series: { [planIn('proposed')]: '0+60x60' },
    alert: 'MeshbotPlanStuck',
    fires: 0,
  },
  {
    name: 'a plan of which nobody knows what became',
    series: { [ofBot('meshbot_cluster_plans', 'target_cluster="prod",state="unclear"')]: '1x60' },
    alert: 'MeshbotPlanUnclear',
    fires: 1,
  },
  {
    name: 'an audit log that somebody changed',
    series: { [ofBot('meshbot_audit_broken', '')]: '0x10 1x50' },
    alert: 'MeshbotAuditBroken',
    fires: 1,
  },
];

function testOf({ name, series, alert, fires, atMinutes = 60 }: Case) {
  return {
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)`,
        eval_time: `${atMinutes}m`,
        exp_samples: [{ labels: '{}', value: fires }],
      },
    ],
  };
}

describe('the alerts of deploy/, as Prometheus evaluates them', {
  skip: existsSync(promtool) ? false : 'needs promtool, which `npm run cluster -- tools` builds',
}, () => {
  const rules = path.join(folder, 'rules.yaml');
  const groups = deployObjects()
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap((one) => one.spec.groups);
  writeFileSync(rules, stringify({ groups }));

  it('are rules', async () => {
    await promisify(execFile)(promtool, ['check', 'rules', rules]);
  });

  it('have the names that are tried here', () => {
    const names: readonly string[] = groups.flatMap((one) => one.rules.map(({ alert }: DeployObject) => alert));
    for (const { alert } of cases) assert.ok(names.includes(alert), alert);
  });

  for (const [index, one] of cases.entries()) {
    it(`${one.alert} ${one.fires > 0 ? 'fires' : 'is quiet'} with ${one.name}`, async () => {
      const file = path.join(folder, `case-${index}.yaml`);
      writeFileSync(file, stringify({ rule_files: [rules], evaluation_interval: '1m', tests: [testOf(one)] }));
      await promisify(execFile)(promtool, ['test', 'rules', file]);
    });
  }
});
