/** A variable of the environment. The documentation's table is compared with these. */
export interface Variable {
  readonly name: string;
  readonly process: 'bot' | 'worker' | 'both';
  readonly required: boolean;
  readonly default?: string;
  readonly meaning: string;
}

export const variables = [
  {
    name: 'REDIS_URL',
    process: 'both',
    required: true,
    meaning: 'Redis, for example redis://redis:6379. Or REDIS_URL_FILE.',
  },
  {
    name: 'SLACK_BOT_TOKEN',
    process: 'both',
    required: true,
    meaning: 'The bot token, xoxb-…. Or SLACK_BOT_TOKEN_FILE.',
  },
  {
    name: 'SLACK_MODE',
    process: 'bot',
    required: false,
    default: 'socket',
    meaning: '`socket` needs no way in from outside; `http` needs a public address.',
  },
  {
    name: 'SLACK_APP_TOKEN',
    process: 'bot',
    required: false,
    meaning: 'The app token, xapp-…, for mode `socket`. Or SLACK_APP_TOKEN_FILE.',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    process: 'bot',
    required: false,
    meaning: 'For mode `http`. Or SLACK_SIGNING_SECRET_FILE.',
  },
  {
    name: 'SLACK_API_URL',
    process: 'both',
    required: false,
    default: 'https://slack.com/api/',
    meaning: 'Where the Web API is.',
  },
  {
    name: 'CLUSTERS',
    process: 'bot',
    required: true,
    meaning: 'The clusters that can be asked about, separated by commas.',
  },
  {
    name: 'DEFAULT_CLUSTER',
    process: 'bot',
    required: false,
    meaning: 'The one that is meant where `--cluster` is not given.',
  },
  {
    name: 'CLUSTER',
    process: 'worker',
    required: true,
    meaning: 'The cluster this worker answers for, as people name it.',
  },
  {
    name: 'WORKER_CONCURRENCY',
    process: 'worker',
    required: false,
    default: '4',
    meaning: 'Questions answered at once.',
  },
  {
    name: 'KUBECONFIG',
    process: 'worker',
    required: false,
    meaning: 'Access to the cluster; inside one, its service account is used.',
  },
  {
    name: 'KUBE_CONTEXT',
    process: 'worker',
    required: false,
    meaning: 'A context of KUBECONFIG other than its current one.',
  },
  {
    name: 'PROMETHEUS_URL',
    process: 'worker',
    required: false,
    meaning: 'Prometheus or Thanos, for what was seen on the wire. Without it, answers rest on the configuration.',
  },
  {
    name: 'PROMETHEUS_TOKEN',
    process: 'worker',
    required: false,
    meaning: 'A bearer token for it. Or PROMETHEUS_TOKEN_FILE, which is read anew for each query.',
  },
  {
    name: 'PROMETHEUS_CA_FILE',
    process: 'worker',
    required: false,
    meaning: 'The CA of its certificate, a PEM file, where the system does not know it.',
  },
  {
    name: 'PROXY_METRICS',
    process: 'worker',
    required: false,
    default: 'off',
    meaning:
      'Where there is no PROMETHEUS_URL: read what the proxies counted from this port of their pods, `15090` or `15020`. Only within the pod network.',
  },
  {
    name: 'HTTP_PORT',
    process: 'bot',
    required: false,
    default: '3000',
    meaning: 'Where Slack sends its requests in mode `http`.',
  },
  {
    name: 'HEALTH_PORT',
    process: 'both',
    required: false,
    default: '8081',
    meaning: '`/livez`, `/readyz` and `/metrics`.',
  },
  { name: 'LISTEN_HOST', process: 'both', required: false, default: '0.0.0.0', meaning: 'The address to listen on.' },
  {
    name: 'LOG_LEVEL',
    process: 'both',
    required: false,
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn` or `error`.',
  },
  {
    name: 'SHUTDOWN_SECONDS',
    process: 'both',
    required: false,
    default: '25',
    meaning: 'How long a stopping process may finish what it has.',
  },
] as const satisfies readonly Variable[];
