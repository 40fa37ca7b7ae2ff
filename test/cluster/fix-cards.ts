import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before } from 'node:test';
import { readPolicy } from '../../src/clients/files/policy.ts';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { sourcesOf } from '../../src/clients/kubernetes/proxy-source.ts';
import { prometheus } from '../../src/clients/prometheus.ts';
import type { FixerDeps } from '../../src/fixer.ts';
import { fixes } from '../../src/fixes/index.ts';
import { answer } from '../../src/jobs/answer.ts';
import type { Cluster, KubeObject } from '../../src/model/sources.ts';
import type { FakeSlack, MessageHandle } from '../../src/sandbox/slack/index.ts';
import { type Meshbot, startMeshbot } from '../helpers/meshbot.ts';
import { waitFor } from '../helpers/wait.ts';
import type { TestCluster } from './cluster.ts';
import { writerOf } from './fixer-account.ts';

/** Ana asks, anybody else approves. */
export const policyText = `
version: 1
fixes:
  - fixes: ['*']
    approve: [everyone]
`;

/** Fixes of a real cluster by way of Slack: each is one card from the proposal to its end. */
export interface Cards {
  /** Ana asks for it. */
  propose(command: string): Promise<MessageHandle>;
  /** Waits for a button of the card, and gives what the card says then. */
  offers(card: MessageHandle, button: string, seconds: number): Promise<string>;
  /** Waits until the card says this. */
  says(card: MessageHandle, text: string | RegExp, seconds: number): Promise<void>;
  /** Ben clicks. */
  click(card: MessageHandle, button: string): Promise<void>;
  undo(card: MessageHandle): Promise<void>;
}

export interface FixCards extends Cards {
  /** For the worker, it is so much later than it is. */
  setAhead(minutes: number): void;
  /** Runs while a fixer does that has the rights of the service account `fixer` of this namespace. */
  withFixer(namespace: string, work: () => Promise<void>, deps?: Partial<FixerDeps>): Promise<void>;
}

/** Cards in one channel of a Slack, where nothing else is said. */
export function cardsIn(channel: string, slackOf: () => FakeSlack): Cards {
  async function says(card: MessageHandle, text: string | RegExp, seconds: number): Promise<void> {
    const isSaid = () => (typeof text === 'string' ? card.plain.includes(text) : text.test(card.plain));
    await waitFor(isSaid, seconds * 1_000).catch(() => {
      throw new Error(`The card never said ${text}. It says: ${card.plain}`);
    });
  }

  async function click(card: MessageHandle, button: string): Promise<void> {
    const { ok } = await card.button(button).click('ben');
    assert.ok(ok, button);
  }

  return {
    says,
    click,
    async propose(command) {
      const slack = slackOf();
      const earlier = slack.messages(channel).length;
      const asked = await slack.as('ana').in(channel).slash(`/mesh ${command}`);
      assert.ok(asked.ok, asked.error);
      await waitFor(() => slack.messages(channel).length > earlier, 10_000);
      return slack.messages(channel)[earlier] as MessageHandle;
    },
    async offers(card, button, seconds) {
      await says(card, `[${button}]`, seconds);
      return card.plain;
    },
    async undo(card) {
      await click(card, 'Undo');
      await says(card, '[Undo now]', 60);
      await click(card, 'Undo now');
      await says(card, 'Undone', 60);
    },
  };
}

/** The whole of meshbot around a real cluster, for this test file. `metrics`: the address of a Prometheus. */
export function useFixCards(cluster: TestCluster, metrics: string): FixCards {
  const folder = mkdtempSync(path.join(tmpdir(), 'meshbot-policy-'));
  const running: (() => Promise<void>)[] = [];
  let aheadMs = 0;
  let mesh: Meshbot;
  before(async () => {
    const policyFile = path.join(folder, 'policy.yaml');
    writeFileSync(policyFile, policyText);
    const live = await liveCluster({ kubeconfig: cluster.kubeconfig, name: 'prod' });
    const counters = prometheus({ url: metrics });
    const ids = fixes.map(({ id }) => id);
    const sources = { ...sourcesOf(live), cluster: withOldPods(live), metrics: counters };
    const now = () => new Date(Date.now() + aheadMs);
    const worker = { policy: readPolicy(policyFile, ids), answer, sources, sweepEveryMs: 1_000, now };
    mesh = await startMeshbot({ policyFile, worker });
    running.push(mesh.close, live.close, counters.close);
  });
  after(async () => {
    for (const close of running) await close();
    rmSync(folder, { recursive: true });
  });

  return {
    ...cardsIn('mesh', () => mesh.slack),
    setAhead(minutes) {
      aheadMs = minutes * 60_000;
    },
    async withFixer(namespace, work, deps) {
      const fixer = await mesh.startFixer({
        writer: await writerOf(cluster, namespace),
        settleEveryMs: 1_000,
        ...deps,
      });
      try {
        await work();
      } finally {
        await fixer.stop();
      }
    },
  };
}

/** As if its pods had run for an hour: of younger ones, metrics do not tell who called those before them. */
function withOldPods(cluster: Cluster): Cluster {
  return {
    ...cluster,
    list: (resource, options, project) =>
      cluster.list(resource, options, (object) => project(resource.plural === 'pods' ? anHourOlder(object) : object)),
  };
}

function anHourOlder(object: KubeObject): KubeObject {
  const { creationTimestamp = new Date().toISOString() } = object.metadata;
  const earlier = new Date(Date.parse(creationTimestamp) - 3_600_000).toISOString();
  return { ...object, metadata: { ...object.metadata, creationTimestamp: earlier } };
}
