import { type Command, InvalidArgumentError, Option } from 'commander';
import { fileSource } from './clients/files/file-source.ts';
import { liveCluster } from './clients/kubernetes/live-cluster.ts';
import { sourcesOf } from './clients/kubernetes/proxy-source.ts';
import { ConfigError, readCountersConfig } from './config.ts';
import { type Counters, openCounters } from './counters.ts';
import { type Cluster, type Sources, UsageError } from './model/sources.ts';

export interface SourceOptions {
  readonly files?: readonly string[];
  readonly snapshot?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly cluster?: string;
  readonly from?: readonly string[];
  readonly prometheus?: string;
  readonly proxyMetrics?: string;
  readonly timeout: number;
}

/** The options that say where to look. */
export function withSource(command: Command): Command {
  return command
    .option(
      '-f, --files <path...>',
      'read YAML files, directories, or an unpacked must-gather instead of a cluster; - is standard input',
    )
    .addOption(
      new Option('--snapshot <file>', 'read a saved snapshot').conflicts([
        'files',
        'kubeconfig',
        'context',
        'prometheus',
      ]),
    )
    .option('--kubeconfig <file>', 'kubeconfig to use (default: $KUBECONFIG, ~/.kube/config, or in-cluster)')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--cluster <name>', 'what to call the cluster in the answer')
    .option('--from <namespaces>', 'also look at callers in these namespaces: NS,…', splitNames)
    .option('--prometheus <url>', 'Prometheus or Thanos, for what was seen on the wire (default: $PROMETHEUS_URL)')
    .addOption(
      new Option(
        '--proxy-metrics [port]',
        'without Prometheus: read what the proxies counted at their pods, from within the pod network (default: $PROXY_METRICS)',
      )
        .preset('15090')
        .conflicts(['files', 'snapshot']),
    )
    .option('--timeout <seconds>', 'how long the answer may take', positive, 30);
}

/** Opens what the options name, and closes it after use. */
export async function withSources<T>(options: SourceOptions, use: (sources: Sources) => Promise<T>): Promise<T> {
  const counters = countersOf(options);
  try {
    return await withCluster(options, (cluster) => use({ ...sourcesOf(cluster), ...counters.sources }));
  } finally {
    await counters.close();
  }
}

function countersOf({ prometheus: url, proxyMetrics: port }: SourceOptions): Counters {
  const given = {
    ...(url !== undefined && { PROMETHEUS_URL: url }),
    ...(port !== undefined && { PROXY_METRICS: port }),
  };
  try {
    return openCounters(readCountersConfig({ ...process.env, ...given }));
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.problems.join(' '), { cause: error });
    throw error;
  }
}

async function withCluster<T>(options: SourceOptions, use: (cluster: Cluster) => Promise<T>): Promise<T> {
  if (options.files !== undefined) return use(await fileSource(options.files));
  const { kubeconfig, context, cluster: name } = options;
  const cluster = await liveCluster({
    ...(kubeconfig !== undefined && { kubeconfig }),
    ...(context !== undefined && { context }),
    ...(name !== undefined && { name }),
  });
  try {
    return await use(cluster);
  } finally {
    await cluster.close();
  }
}

function splitNames(list: string): readonly string[] {
  return list.split(',').filter((name) => name !== '');
}

function positive(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 3_600) return seconds;
  throw new InvalidArgumentError('Give seconds, up to 3600.');
}
