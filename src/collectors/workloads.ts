import { resources } from '../model/resources.ts';
import type { KubeObject, OwnerReference, ResourceType } from '../model/sources.ts';
import { SourceError } from '../model/sources.ts';
import type { Pod, Workload } from '../model/workload.ts';
import { all, type Collection, defineCollector, type Listed, listInScope } from './collector.ts';
import { at, child, count, type Field, flag, text, textMap } from './fields.ts';
import { containerPorts, controllerOf, keptOf, projectPod } from './pods.ts';

/** A controller with a pod template. `owner` names the controller above it: a ReplicaSet's Deployment. */
interface Controller {
  readonly workload: Omit<Workload, 'pods'>;
  readonly owner: OwnerReference | undefined;
  /** What people deploy, kept without pods too; a ReplicaSet or a Job of its own is of interest only while it has some. */
  readonly lasting: boolean;
}

const controllerResources: readonly (readonly [ResourceType, readonly string[], boolean])[] = [
  [resources.deployments, ['spec', 'template'], true],
  [resources.statefulSets, ['spec', 'template'], true],
  [resources.daemonSets, ['spec', 'template'], true],
  [resources.cronJobs, ['spec', 'jobTemplate', 'spec', 'template'], true],
  [resources.replicaSets, ['spec', 'template'], false],
  [resources.jobs, ['spec', 'template'], false],
];

/** Only OpenShift has them, and fewer clusters by the year. */
const openshiftResources: typeof controllerResources = [
  [resources.deploymentConfigs, ['spec', 'template'], true],
  [resources.replicationControllers, ['spec', 'template'], false],
];

/** Everything that runs pods, joined with the pods that run: owners are followed up to what people deploy. */
export const workloads = defineCollector({
  kind: 'workloads',
  reads: [resources.pods, ...[...controllerResources, ...openshiftResources].map(([resource]) => resource)],
  async collect(collection) {
    const [{ value: pods, unread }, ...lists] = await Promise.all([
      listInScope(collection, resources.pods, projectPod),
      ...controllerResources.map(([resource, path, lasting]) => listControllers(collection, resource, path, lasting)),
      ...openshiftResources.map(([resource, path, lasting]) =>
        listControllers(collection, resource, path, lasting).catch(notInstalled),
      ),
    ]);
    const controllers = lists.flatMap((one) => one.value);
    const value = await withCallers(join(controllers, pods), collection);
    return {
      value,
      coverage: all(
        pods.length,
        'pod',
        notesOf(
          value,
          pods.map(({ pod }) => pod),
        ),
        unread,
      ),
    };
  },
});

/** Marks those that metrics saw calling. Without metrics nobody was seen. */
async function withCallers(found: readonly Workload[], { evidence }: Collection): Promise<readonly Workload[]> {
  try {
    const { traffic } = await evidence('observed');
    const seen = new Set(traffic.map(({ client }) => `${client?.namespace}/${client?.workload}`));
    return found.map((one) => (seen.has(`${one.namespace}/${one.name}`) ? { ...one, seenCalling: true } : one));
  } catch (error) {
    if (error instanceof SourceError) return found;
    throw error;
  }
}

function listControllers(collection: Collection, resource: ResourceType, path: readonly string[], lasting: boolean) {
  return listInScope(collection, resource, (object) => projectController(object, path, lasting));
}

function notInstalled(error: unknown): Listed<Controller> {
  const isNotThere =
    error instanceof SourceError && (error.reason === 'not-installed' || error.reason === 'not-in-source');
  if (isNotThere) return { value: [], unread: [] };
  throw error;
}

function projectController(object: KubeObject, [first = '', ...rest]: readonly string[], lasting: boolean): Controller {
  const template = at(object, first, ...rest);
  const isSuspended = flag(at(object, 'spec', 'suspend')) ?? false;
  const replicas = isSuspended ? 0 : count(at(object, 'spec', 'replicas'));
  return {
    workload: {
      kind: object.kind,
      namespace: object.metadata.namespace ?? 'default',
      name: object.metadata.name,
      ...templateOf(template),
      ...(replicas !== undefined && { replicas }),
    },
    owner: controllerOf(object),
    lasting,
  };
}

function templateOf(template: Field) {
  const spec = child(template, 'spec');
  return {
    labels: textMap(child(child(template, 'metadata'), 'labels')),
    annotations: keptOf(textMap(child(child(template, 'metadata'), 'annotations'))),
    serviceAccount: text(child(spec, 'serviceAccountName')) ?? 'default',
    ports: containerPorts(spec),
    hostNetwork: flag(child(spec, 'hostNetwork')) ?? false,
  };
}

function join(
  controllers: readonly Controller[],
  pods: readonly { readonly pod: Pod; readonly owner: OwnerReference | undefined }[],
): readonly Workload[] {
  const byId = new Map(controllers.map((controller) => [idOf(controller.workload), controller]));
  const podsOf = Map.groupBy(pods, ({ pod, owner }) => idOf(topmost(byId, pod, owner)));
  const running = Array.from(podsOf, ([id, owned]) => {
    const own = owned.map(({ pod }) => pod);
    return { ...(byId.get(id)?.workload ?? fromPods(id, own)), pods: own };
  });
  const idle = controllers.filter(({ workload, lasting }) => lasting && !podsOf.has(idOf(workload)));
  return [...running, ...idle.map(({ workload }) => ({ ...workload, pods: [] }))].toSorted(byName);
}

/**
 * Follows owners up to a controller that lasts, and no further: above a StatefulSet there may be an operator's own
 * object, but Istio and its metrics call the workload by the StatefulSet's name. An owner of a kind that we do not
 * read, such as the Rollout of a ReplicaSet, is the top.
 *
 * @see istio pkg/kube/util.go: GetDeployMetaFromPod
 */
function topmost(
  byId: ReadonlyMap<string, Controller>,
  { namespace, name }: Pick<Pod, 'namespace' | 'name'>,
  owner: OwnerReference | undefined,
): { readonly kind: string; readonly namespace: string; readonly name: string } {
  if (owner === undefined) return { kind: 'Pod', namespace, name };
  const top = { kind: owner.kind, namespace, name: owner.name };
  const found = byId.get(idOf(top));
  return found === undefined || found.lasting || found.owner === undefined
    ? top
    : topmost(byId, { namespace, name }, found.owner);
}

/** A workload whose controller we did not read is described by its first pod. */
function fromPods(id: string, pods: readonly Pod[]): Omit<Workload, 'pods'> {
  const [kind = '', namespace = '', name = ''] = id.split('/');
  const [first] = pods;
  return {
    kind,
    namespace,
    name,
    labels: first?.labels ?? {},
    annotations: first?.annotations ?? {},
    serviceAccount: first?.serviceAccount ?? 'default',
    ports: first?.ports ?? [],
    hostNetwork: first?.hostNetwork ?? false,
  };
}

function idOf({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}

function byName(a: Workload, b: Workload): number {
  return a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name) || a.kind.localeCompare(b.kind);
}

function notesOf(value: readonly Workload[], pods: readonly Pod[]): readonly string[] {
  const stateless = pods.filter(({ phase }) => phase === 'Unknown').length;
  const idle = value.filter(({ pods: own }) => own.length === 0).length;
  return [
    ...(stateless > 0 ? [`${stateless} pods have no status: taken as running.`] : []),
    ...(idle > 0 ? [`${idle} workloads have no pods now: judged by their templates.`] : []),
  ];
}
