import { type Environment, type Reader, reader } from './environment.ts';

/** Where calls on the wire are counted. */
export interface CountersConfig {
  readonly prometheus?: PrometheusConfig;
  /** The port where proxies serve their metrics. */
  readonly proxyMetricsPort?: number;
}

export interface PrometheusConfig {
  readonly url: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
}

/** Where calls on the wire are counted, if anywhere. */
export function readCountersConfig(env: Environment): CountersConfig {
  const read = reader(env);
  return read.result(readCounters(read));
}

/** The same, among other variables. */
export function readCounters(read: Reader): CountersConfig {
  const prometheus = readPrometheus(read);
  const port = read.oneOf('PROXY_METRICS', ['off', '15090', '15020']);
  return {
    ...(prometheus !== undefined && { prometheus }),
    ...(port !== 'off' && { proxyMetricsPort: Number(port) }),
  };
}

function readPrometheus(read: Reader): PrometheusConfig | undefined {
  const url = read.text('PROMETHEUS_URL');
  if (url === undefined) return undefined;
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    read.problem(
      'PROMETHEUS_URL is not an address. Give one like https://thanos-querier.openshift-monitoring.svc:9091.',
    );
  const [token, tokenFile] = [read.text('PROMETHEUS_TOKEN'), read.file('PROMETHEUS_TOKEN')];
  if (token !== undefined && tokenFile !== undefined)
    read.problem('PROMETHEUS_TOKEN and PROMETHEUS_TOKEN_FILE are both set. Set one.');
  const caFile = read.text('PROMETHEUS_CA_FILE');
  return {
    url,
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(caFile !== undefined && { caFile }),
  };
}
