import type { InjectionWebhook, Istiod, Revision } from '../model/control-plane.ts';
import { resources } from '../model/resources.ts';
import type { KubeObject } from '../model/sources.ts';
import { SourceError } from '../model/sources.ts';
import { type Collected, type Collection, defineCollector } from './collector.ts';
import { at, child, count, fieldOf, items, text, texts } from './fields.ts';
import { defaultMeshConfig, labelSelector, readMeshConfig } from './mesh-config.ts';

/** One istiod as its Deployment or its webhook shows it. */
interface Found {
  readonly revision: string;
  readonly namespace: string;
  readonly flavour: Revision['flavour'];
  readonly istiod?: Istiod;
  readonly clusterDomain?: string;
}

/** OpenShift's own Gateway API runs an istiod of this revision: no mesh of anybody. */
const notAMesh = 'openshift-gateway';

/** Every revision and tag, with the mesh configuration that each istiod runs with. */
export const controlPlane = defineCollector({
  kind: 'controlPlane',
  reads: [resources.deployments, resources.mutatingWebhooks, resources.configMaps],
  async collect(collection): Promise<Collected<'controlPlane'>> {
    const { cluster } = collection.sources;
    const { signal } = collection;
    const [deployments, webhooks] = await Promise.all([
      cluster.list(resources.deployments, { labelSelector: 'app=istiod', signal }, projectIstiod),
      cluster.list(resources.mutatingWebhooks, { signal }, projectWebhooks).catch(notInSource),
    ]);
    const all = [...deployments, ...webhooks.flatMap(({ found: one }) => one)];
    const found = all.filter(({ revision }) => revision !== notAMesh);
    const read = await Promise.all(revisionsOf(found, cluster.kind).map((one) => withMeshConfig(one, collection)));
    const revisions = read.filter((revision) => revision !== undefined);
    if (revisions.length === 0) throw noIstiod(cluster.source);
    const assumed = revisions.filter(({ meshConfig }) => meshConfig.assumed);
    const notes = assumed.map(
      ({ meshConfig }) => `${meshConfig.configMap} is not in the source: Istio's defaults are assumed.`,
    );
    return {
      value: { revisions, webhooks: webhooks.flatMap(({ hooks }) => hooks) },
      coverage: { seen: revisions.length - assumed.length, of: revisions.length, unit: 'revision', notes },
    };
  },
});

function projectIstiod(object: KubeObject): Found | undefined {
  if (text(at(object, 'metadata', 'labels', 'app')) !== 'istiod') return undefined;
  const namespace = object.metadata.namespace ?? 'default';
  const [container] = items(at(object, 'spec', 'template', 'spec', 'containers'));
  const args = container === undefined ? [] : texts(child(container, 'args'));
  const clusterDomain = args[args.indexOf('--domain') + 1];
  return {
    ...(args.includes('--domain') && clusterDomain !== undefined && { clusterDomain }),
    revision: text(at(object, 'metadata', 'labels', 'istio.io/rev')) ?? 'default',
    namespace,
    flavour: flavourOf(object),
    istiod: {
      name: object.metadata.name,
      namespace,
      image: (container && text(child(container, 'image'))) ?? '',
      ready: count(at(object, 'status', 'readyReplicas')) ?? 0,
      replicas: count(at(object, 'spec', 'replicas')) ?? 1,
    },
  };
}

/** Maistra labels what it makes; the Sail operator owns it through an IstioRevision, with Red Hat's images in OSSM 3. */
function flavourOf(object: KubeObject): Revision['flavour'] {
  if (text(at(object, 'metadata', 'labels', 'maistra.io/owner')) !== undefined) return 'ossm2';
  const sail = object.metadata.ownerReferences?.some(({ kind }) => kind === 'IstioRevision') ?? false;
  const image = items(at(object, 'spec', 'template', 'spec', 'containers')).map((c) => text(child(c, 'image')) ?? '');
  return sail && image.some((one) => one.includes('openshift-service-mesh')) ? 'ossm3' : 'istio';
}

function projectWebhooks(
  object: KubeObject,
): { hooks: readonly InjectionWebhook[]; found: readonly Found[] } | undefined {
  const injecting = items(fieldOf(object, 'webhooks')).filter((hook) =>
    /(^|\.)sidecar-injector\.istio\.io$/.test(text(child(hook, 'name')) ?? ''),
  );
  if (injecting.length === 0) return undefined;
  const revision = text(at(object, 'metadata', 'labels', 'istio.io/rev')) || 'default';
  const tag = text(at(object, 'metadata', 'labels', 'istio.io/tag'));
  const hooks = injecting.map((hook) => ({
    configuration: object.metadata.name,
    revision,
    ...(tag !== undefined && { tag }),
    namespaceSelector: labelSelector(child(hook, 'namespaceSelector')),
    objectSelector: labelSelector(child(hook, 'objectSelector')),
  }));
  const namespaces = injecting.map((hook) => text(child(child(child(hook, 'clientConfig'), 'service'), 'namespace')));
  const found = [...new Set(namespaces)].flatMap((namespace) =>
    namespace === undefined ? [] : [{ revision, namespace, flavour: 'istio' as const }],
  );
  return { hooks, found };
}

/** One entry per revision and namespace, with all its Deployments. Files without any istiod stand for a default one. */
function revisionsOf(
  found: readonly Found[],
  kind: string,
): readonly (Omit<Found, 'istiod'> & { deployments: readonly Istiod[] })[] {
  const byRevision = Map.groupBy(found, ({ revision, namespace }) => `${namespace}/${revision}`);
  const revisions = Array.from(byRevision.values(), (group) => ({
    revision: group[0]?.revision ?? 'default',
    namespace: group[0]?.namespace ?? '',
    flavour: group.find(({ istiod }) => istiod !== undefined)?.flavour ?? 'istio',
    deployments: group.flatMap(({ istiod }) => istiod ?? []),
    ...group.flatMap(({ clusterDomain }) => (clusterDomain === undefined ? [] : [{ clusterDomain }]))[0],
  }));
  if (revisions.length > 0 || kind !== 'files') return revisions;
  return [{ revision: 'default', namespace: 'istio-system', flavour: 'istio', deployments: [] }];
}

/** `undefined` for a webhook that was left behind: neither an istiod nor its configuration is there. */
async function withMeshConfig(
  { revision, namespace, flavour, deployments, clusterDomain }: ReturnType<typeof revisionsOf>[number],
  { sources, signal }: Collection,
): Promise<Revision | undefined> {
  const name = revision === 'default' ? 'istio' : `istio-${revision}`;
  const object = await sources.cluster.get(resources.configMaps, name, { namespace, signal });
  if (object === undefined && sources.cluster.kind === 'live') {
    if (deployments.length === 0) return undefined;
    throw new SourceError(
      'invalid',
      `ConfigMap ${namespace}/${name} is missing, so the mesh configuration of revision ${revision} is unknown.`,
      {
        next: 'Check the installation: istioctl verify-install, or the Istio resource of the operator.',
      },
    );
  }
  const config = object === undefined ? defaultMeshConfig(namespace) : readMeshConfig(object, namespace);
  const meshConfig = { configMap: `${namespace}/${name}`, assumed: object === undefined };
  const domain = clusterDomain === undefined ? {} : { clusterDomain };
  return { name: revision, namespace, flavour, meshConfig, ...config, ...domain, deployments };
}

function notInSource(error: unknown): readonly never[] {
  if (error instanceof SourceError && error.reason === 'not-in-source') return [];
  throw error;
}

function noIstiod(source: string): SourceError {
  return new SourceError(
    'not-installed',
    `I found no istiod in ${source}: no Deployment labelled app=istiod and no injection webhook.`,
    {
      next: 'Check that I look at the right cluster, and that Istio or OpenShift Service Mesh is installed there.',
    },
  );
}
