import type { Cluster, ResourceType } from '../../model/sources.ts';
import { type Environment, findAccess } from './access.ts';
import { type ClientLogger, type Connection, openConnection } from './connection.ts';
import { createDiscovery } from './discovery.ts';
import { getObject } from './get-object.ts';
import { listPages } from './list-pages.ts';
import { refusal } from './refusal.ts';
import { present } from './values.ts';

export interface LiveClusterOptions {
  /** A kubeconfig, or several apart by `:`. Left out: KUBECONFIG, `~/.kube/config`, or the pod's service account. */
  readonly kubeconfig?: string;
  readonly context?: string;
  /** What to call the cluster. Left out: its name in the kubeconfig. */
  readonly name?: string;
  /** For one list or one get, all its pages and retries included. */
  readonly deadlineMs?: number;
  readonly logger?: ClientLogger;
  /** Objects a page of a list. */
  readonly pageSize?: number;
  /** Where KUBECONFIG, HOME, HTTPS_PROXY and the like are read from. */
  readonly env?: Environment;
}

export interface LiveCluster extends Cluster {
  readonly kind: 'live';
  /** For clients that do more than read objects: the same credentials, connections, limits and errors. */
  readonly connection: Connection;
  /** Resolves where the API server answers and takes our credentials; cheap. Else it throws a SourceError. */
  ready(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const defaultDeadlineMs = 60_000;
const defaultPageSize = 500;

/**
 * A cluster through its API server. Nothing is asked of it before the first list or get.
 *
 * @throws UsageError where there is no kubeconfig, or it cannot be understood.
 */
export async function liveCluster(options: LiveClusterOptions = {}): Promise<LiveCluster> {
  const { env = process.env, logger, deadlineMs = defaultDeadlineMs, pageSize = defaultPageSize } = options;
  const access = findAccess(options, env);
  const connection = openConnection(access, { env, ...present({ logger }) });
  const api = { connection, discovery: createDiscovery(connection), deadlineMs, pageSize };
  return {
    name: options.name ?? access.name ?? 'cluster',
    source: access.server,
    kind: 'live',
    connection,
    list: (resource, listOptions, project) => listPages(api, resource, listOptions, project),
    get: (resource, name, getOptions) => getObject(api, resource, name, getOptions),
    ready: (signal) => checkReady(connection, signal),
    close: () => connection.close(),
  };
}

async function checkReady(connection: Connection, signal: AbortSignal | undefined): Promise<void> {
  const answer = await connection.request({ path: '/version', timeoutMs: 5_000, ...present({ signal }) });
  if (answer.status === 200) return;
  const version: ResourceType = { group: '', plural: 'version', kind: 'Version', versions: [], namespaced: false };
  throw refusal(answer, { verb: 'get', resource: version }, connection.server);
}
