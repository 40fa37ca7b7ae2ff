import { PolicyError, readPolicy } from './clients/files/policy.ts';
import { type FixerConfig, readFixerConfig } from './config.ts';
import type { RightsAsker } from './fixer-rights.ts';
import { tellFixerState } from './fixer-state.ts';
import { fixes as allFixes } from './fixes/index.ts';
import type { Probe } from './health.ts';
import { auditLog } from './jobs/audit/audit.ts';
import type { ApplyDeps } from './jobs/fixes/apply.ts';
import { inFlightMs } from './jobs/fixes/apply-deps.ts';
import { consumeFixes } from './jobs/fixes/consume-fixes.ts';
import { remedyQueues } from './jobs/fixes/queue.ts';
import { remediations } from './jobs/fixes/remediations.ts';
import { signer } from './jobs/fixes/signature.ts';
import { createLogger, forRequests, type Logger } from './log.ts';
import type { Fix } from './model/fix.ts';
import type { Policy } from './model/policy.ts';
import { UsageError } from './model/sources.ts';
import type { ClusterWriter } from './model/writer.ts';
import { runAsMain } from './process.ts';
import { openService } from './service.ts';

export interface FixerDeps {
  readonly writer: ClusterWriter;
  readonly log?: Logger;
  /** What else has to answer before this fixer counts as ready: the cluster. */
  readonly probes?: Readonly<Record<string, Probe>>;
  /** Whom to ask which rights it has. Absent: nobody, as with files. */
  readonly asker?: RightsAsker;
  /** All there are, when left out. */
  readonly fixes?: readonly Fix[];
  readonly lockMs?: number;
  readonly settleEveryMs?: number;
  /** How long after its begin a write may still be under way. */
  readonly inFlightMs?: number;
}

export interface RunningFixer {
  /** Where `/livez`, `/readyz` and `/metrics` are. */
  readonly healthUrl: string;
  stop(): Promise<void>;
}

const lockMs = 30_000;
const settleEveryMs = 30_000;

/**
 * Applies approved plans to one cluster, until stopped. It knows nothing of Slack.
 *
 * @throws PolicyError where the policy cannot be followed; later, such a policy lets nothing be applied.
 */
export async function startFixer(config: FixerConfig, deps: FixerDeps): Promise<RunningFixer> {
  const log = deps.log ?? createLogger({ level: config.logLevel });
  const known = deps.fixes ?? allFixes;
  const ids = known.map(({ id }) => id);
  const policy = () => readPolicy(config.policyFile, ids);
  policy();
  const name = `meshbot-fixer-${config.cluster}`;
  const service = await openService({ ...config, name, log, probes: deps.probes ?? {} });
  const { redis, metrics } = service;
  const { cluster } = config;
  const store = { log, policy: () => hashOf(policy) };
  const queues = remedyQueues(redis);
  const consumer = consumeFixes({
    redis,
    lockMs: deps.lockMs ?? lockMs,
    settleEveryMs: deps.settleEveryMs ?? settleEveryMs,
    deps: {
      cluster,
      remediations: remediations(redis, store),
      audit: auditLog(redis, store),
      writer: deps.writer,
      fixOf: (id) => fixAmong(known, id),
      policy: () => inForce(policy),
      signer: signer(config.approvalKey),
      log,
      now: () => new Date(),
      wake: (id) => queues.wake(cluster, id),
      onSettled: metrics.fixed,
      working: new Set(),
      inFlightMs: deps.inFlightMs ?? inFlightMs,
    } satisfies ApplyDeps,
  });
  const stopTelling = tellFixerState({
    ...{ redis, cluster, fixes: known, policy, log, writer: deps.writer, asker: deps.asker },
    looksAtFreeze: config.freezeConfigMap !== undefined,
  });
  service.started();
  log.info({ cluster }, 'The fixer is ready');
  return {
    healthUrl: service.healthUrl,
    async stop() {
      stopTelling();
      await consumer.close(config.shutdownMs);
      await queues.close();
      await service.close();
      log.info('The fixer has stopped');
    },
  };
}

/** A policy that cannot be followed any more allows nothing: that is said, and the fixer goes on. */
function inForce(policy: () => Policy): Policy {
  try {
    return policy();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UsageError(`${error.message}\nAsk for the fix again once it is mended.`, { cause: error });
  }
}

/** Of the policy file as it is now; nothing where it cannot be followed: then none is in force. */
function hashOf(policy: () => Policy): string | undefined {
  try {
    return policy().hash;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return undefined;
  }
}

function fixAmong(known: readonly Fix[], id: string): Fix {
  const fix = known.find((one) => one.id === id);
  if (fix === undefined) throw new UsageError(`There is no fix "${id}" in this version of meshbot.`);
  return fix;
}

if (import.meta.main) {
  const { liveCluster } = await import('./clients/kubernetes/live-cluster.ts');
  const { clusterWriter } = await import('./clients/kubernetes/write.ts');
  const { rightsAsker } = await import('./fixer-rights.ts');
  await runAsMain(readFixerConfig, async (config, log) => {
    const cluster = await liveCluster({
      name: config.cluster,
      logger: forRequests(log),
      ...(config.kubeconfig !== undefined && { kubeconfig: config.kubeconfig }),
      ...(config.kubeContext !== undefined && { context: config.kubeContext }),
    });
    const { freezeConfigMap: freeze } = config;
    const writer = clusterWriter(cluster, freeze === undefined ? {} : { freeze });
    const probes = { cluster: () => cluster.ready().then(() => undefined) };
    const fixer = await startFixer(config, { writer, log, probes, asker: rightsAsker(cluster) });
    return { stop: () => fixer.stop().finally(() => cluster.close()) };
  });
}
