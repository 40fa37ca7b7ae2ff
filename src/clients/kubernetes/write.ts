import type { Change } from '../../model/fix.ts';
import type { KubernetesIdentity } from '../../model/remediation.ts';
import { resources } from '../../model/resources.ts';
import { type KubeObject, type ResourceType, SourceError } from '../../model/sources.ts';
import type { ChangeNote, ClusterWriter, WriteOptions, WriteOutcome } from '../../model/writer.ts';
import { isAllowed } from './access-review.ts';
import type { Connection } from './connection.ts';
import type { LiveCluster } from './live-cluster.ts';
import { refusal } from './refusal.ts';
import { outcomeOf, outcomeOfError } from './write-outcome.ts';
import { fieldManager, writeRequest } from './write-request.ts';

export interface WriterOptions {
  /** The ConfigMap whose `frozen: "true"` stops all writes. Absent: only the freeze of Slack does. */
  readonly freeze?: { readonly namespace: string; readonly name: string };
  readonly now?: () => Date;
}

type Place = Pick<Change, 'resource' | 'namespace' | 'name'>;

const events: ResourceType = { group: '', plural: 'events', kind: 'Event', versions: ['v1'], namespaced: true };
const grant = 'Ask an admin to bind the Role of this fix in that namespace: deploy/fixes/ has one for each.';

/** Writes to a live cluster, one object at a time, and only where it is as the change expects. */
export function clusterWriter(
  cluster: LiveCluster,
  { freeze, now = () => new Date() }: WriterOptions = {},
): ClusterWriter {
  const { connection } = cluster;
  return {
    name: cluster.name,
    read: (place) => read(cluster, place, grant),
    write: (change, options) => write(connection, change, options),
    isAllowed: (change, as) => mayWrite(connection, change, as),
    async frozen() {
      if (freeze === undefined) return undefined;
      return whyFrozen(await read(cluster, { resource: resources.configMaps, ...freeze }, freezeGrant));
    },
    note: (change, note) => createEvent(connection, change, note, now().toISOString()),
  };
}

const peopleGrant =
  'Ask an admin to let the fixer write as the people of the policy: meshbot policy rbac POLICY_FILE | kubectl apply -f -';

const freezeGrant =
  'Ask an admin to apply deploy/fixes/fixer: I write nothing while I cannot see whether writes are stopped.';

async function read(
  cluster: LiveCluster,
  { resource, namespace, name }: Place,
  next: string,
): Promise<KubeObject | null> {
  try {
    return (await cluster.get(resource, name, namespace === undefined ? {} : { namespace })) ?? null;
  } catch (error) {
    if (!(error instanceof SourceError) || error.reason !== 'forbidden') throw error;
    throw new SourceError('forbidden', error.message, { next, cause: error });
  }
}

async function write(connection: Connection, change: Change, options: WriteOptions): Promise<WriteOutcome> {
  const request = writeRequest(change, options);
  if (request === undefined) return { status: 'drifted', detail: 'the plan does not say which object it was made for' };
  try {
    return outcomeOf(await connection.request(request), change.after === null);
  } catch (error) {
    return outcomeOfError(error);
  }
}

/** Each verb that the one request takes. */
async function mayWrite(
  connection: Connection,
  change: Change,
  { user, groups }: KubernetesIdentity,
): Promise<boolean> {
  const { resource, namespace, name } = change;
  const as = { user, groups: [...groups, 'system:authenticated'] };
  const asked = await Promise.all(
    verbsOf(change).map((verb) =>
      isAllowed(connection, { verb, resource, namespace, name }, { as, next: peopleGrant }),
    ),
  );
  return asked.every(Boolean);
}

function verbsOf({ before, after }: Change): readonly string[] {
  if (after === null) return ['delete'];
  return before === null ? ['create', 'patch'] : ['patch'];
}

/** In a hurry people write `yes` and `True` too: only `false` and nothing are not frozen. */
function whyFrozen(configMap: KubeObject | null): string | undefined {
  const { frozen = '', because } = (configMap?.data ?? {}) as Readonly<Record<string, string | undefined>>;
  if (/^\s*(false)?\s*$/i.test(frozen)) return undefined;
  return because?.trim() || 'no reason is given';
}

async function createEvent(
  connection: Connection,
  change: Change,
  { reason, message }: ChangeNote,
  at: string,
): Promise<void> {
  const { resource, namespace = 'default', name, before, after } = change;
  const { apiVersion, metadata } = after ?? before ?? { apiVersion: 'v1', metadata: undefined };
  const action = { verb: 'create', resource: events, namespace };
  const answer = await connection.request({
    method: 'POST',
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/events`,
    query: { fieldManager },
    body: {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion, kind: resource.kind, namespace, name, uid: metadata?.uid },
      type: 'Normal',
      reason,
      message: message.slice(0, 1_000),
      source: { component: 'meshbot' },
      reportingComponent: 'meshbot',
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    },
  });
  if (answer.status >= 300) throw refusal(answer, action, connection.server, { forbidden: grant });
}
