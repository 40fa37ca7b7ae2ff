export type Process = 'bot' | 'worker' | 'fixer';

/** A variable of the environment. The documentation's table is compared with these. */
export interface Variable {
  readonly name: string;
  /** Those that read it. */
  readonly processes: readonly Process[];
  /** Those that do not start without it. */
  readonly requiredBy: readonly Process[];
  readonly default?: string;
  readonly meaning: string;
}

const all = ['bot', 'worker', 'fixer'] as const;
const slack = ['bot', 'worker'] as const;
const inCluster = ['worker', 'fixer'] as const;

export const variables = [
  {
    name: 'REDIS_URL',
    processes: all,
    requiredBy: all,
    meaning: 'Redis, for example redis://redis:6379. Or REDIS_URL_FILE.',
  },
  {
    name: 'SLACK_BOT_TOKEN',
    processes: slack,
    requiredBy: slack,
    meaning: 'The bot token, xoxb-…. Or SLACK_BOT_TOKEN_FILE.',
  },
  {
    name: 'SLACK_MODE',
    processes: ['bot'],
    requiredBy: [],
    default: 'socket',
    meaning: '`socket` needs no way in from outside; `http` needs a public address.',
  },
  {
    name: 'SLACK_APP_TOKEN',
    processes: ['bot'],
    requiredBy: [],
    meaning: 'The app token, xapp-…, for mode `socket`. Or SLACK_APP_TOKEN_FILE.',
  },
  {
    name: 'SLACK_SIGNING_SECRET',
    processes: ['bot'],
    requiredBy: [],
    meaning: 'For mode `http`. Or SLACK_SIGNING_SECRET_FILE.',
  },
  {
    name: 'SLACK_API_URL',
    processes: slack,
    requiredBy: [],
    default: 'https://slack.com/api/',
    meaning: 'Where the Web API is.',
  },
  {
    name: 'CLUSTERS',
    processes: ['bot'],
    requiredBy: ['bot'],
    meaning: 'The clusters that can be asked about, separated by commas.',
  },
  {
    name: 'DEFAULT_CLUSTER',
    processes: ['bot'],
    requiredBy: [],
    meaning: 'The one that is meant where `--cluster` is not given.',
  },

  {
    name: 'REQUESTS_PER_MINUTE',
    processes: ['bot'],
    requiredBy: [],
    default: '20',
    meaning: 'How many commands and clicks of one person a bot takes at once, and then each minute.',
  },
  {
    name: 'CLUSTER',
    processes: inCluster,
    requiredBy: inCluster,
    meaning: 'The cluster that this process is for, as people name it.',
  },
  {
    name: 'WORKER_CONCURRENCY',
    processes: ['worker'],
    requiredBy: [],
    default: '4',
    meaning: 'Questions answered at once.',
  },
  {
    name: 'KUBECONFIG',
    processes: inCluster,
    requiredBy: [],
    meaning: 'Access to the cluster; inside one, its service account is used.',
  },
  {
    name: 'KUBE_CONTEXT',
    processes: inCluster,
    requiredBy: [],
    meaning: 'A context of KUBECONFIG other than its current one.',
  },
  {
    name: 'PROMETHEUS_URL',
    processes: ['worker'],
    requiredBy: [],
    meaning: 'Prometheus or Thanos, for what was seen on the wire. Without it, answers rest on the configuration.',
  },
  {
    name: 'PROMETHEUS_TOKEN',
    processes: ['worker'],
    requiredBy: [],
    meaning: 'A bearer token for it. Or PROMETHEUS_TOKEN_FILE, which is read anew for each query.',
  },
  {
    name: 'PROMETHEUS_CA_FILE',
    processes: ['worker'],
    requiredBy: [],
    meaning: 'The CA of its certificate, a PEM file, where the system does not know it.',
  },
  {
    name: 'PROXY_METRICS',
    processes: ['worker'],
    requiredBy: [],
    default: 'off',
    meaning:
      'Where there is no PROMETHEUS_URL: read what the proxies counted from this port of their pods, `15090` or `15020`. Only within the pod network.',
  },
  {
    name: 'POLICY_FILE',
    processes: all,
    requiredBy: ['fixer'],
    meaning: 'Who may ask for and approve what, a YAML file. Without it, fixes are off.',
  },
  {
    name: 'APPROVAL_KEY',
    processes: ['bot', 'fixer'],
    requiredBy: ['fixer'],
    meaning:
      'What the bot signs approvals with, 32 characters or more; the same for both, and for nobody else. The bot needs it where the policy has `fixes`. Or APPROVAL_KEY_FILE.',
  },
  {
    name: 'FREEZE_CONFIGMAP',
    processes: ['fixer'],
    requiredBy: [],
    meaning: 'A ConfigMap, as namespace/name, that stops all writes while it holds `frozen: "true"`.',
  },
  {
    name: 'HTTP_PORT',
    processes: ['bot'],
    requiredBy: [],
    default: '3000',
    meaning: 'Where Slack sends its requests in mode `http`.',
  },
  {
    name: 'HEALTH_PORT',
    processes: all,
    requiredBy: [],
    default: '8081',
    meaning: '`/livez`, `/readyz` and `/metrics`.',
  },
  { name: 'LISTEN_HOST', processes: all, requiredBy: [], default: '0.0.0.0', meaning: 'The address to listen on.' },
  {
    name: 'LOG_LEVEL',
    processes: all,
    requiredBy: [],
    default: 'info',
    meaning: '`trace`, `debug`, `info`, `warn` or `error`.',
  },
  {
    name: 'SHUTDOWN_SECONDS',
    processes: all,
    requiredBy: [],
    default: '25',
    meaning: 'How long a stopping process may finish what it has.',
  },
] as const satisfies readonly Variable[];
