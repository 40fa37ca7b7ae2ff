import type { Connection, WorkloadName } from '../model/report.ts';
import type { Pod, Workload } from '../model/workload.ts';
import { attemptsOf } from './attempts.ts';
import { type Client, clientsOf, knowledgeOf } from './client.ts';
import { fold } from './fold.ts';
import { revisionOf } from './injection.ts';
import { clusterDomainOf, type Istiod, istiodOf } from './istiod.ts';
import { type MeshPort, type MeshService, meshServicesOf } from './mesh-service.ts';
import type { MeshView } from './mesh-view.ts';
import { withTemplatePods } from './template-pods.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface Wanted {
  readonly clients: (workload: Workload) => boolean;
  readonly servers: (workload: Workload) => boolean;
}

/** One thing that may happen to a call, and the workload where it then arrives. */
interface Trial {
  readonly verdict: Verdict;
  readonly at?: Workload;
}

/**
 * Foretells, for each client workload, each Service port and each workload behind it, whether a call works and what
 * goes over the wire, as istiod and Envoy would have it. A call that may fail is never said to work. A workload without
 * pods calls nobody.
 */
export function connections(given: MeshView, wanted: Wanted): readonly Connection[] {
  const view = withTemplatePods(given);
  const { services, istiodFor } = lookUp(view);
  const knowledge = knowledgeOf();
  const served = services.flatMap((service) => servedPorts(service, wanted));
  return view.workloads.filter(wanted.clients).flatMap((workload) => {
    const callers = clientsOf(workload, istiodFor, knowledge);
    if (callers.length === 0) return [];
    const client = nameOf(workload);
    return served.flatMap(({ service, port, servers }) => {
      const trials = callers.flatMap((caller) => tryOut(caller, service, port, istiodFor));
      return servers.map((server) => ({
        client,
        server: server.name,
        service: service.name,
        port: port.number,
        ...judge(trials, server),
      }));
    });
  });
}

type IstiodFor = (pod: Pod) => Istiod;

/** The Services, and which istiod a pod obeys; one that none is known for, obeys the first. */
function lookUp(view: MeshView): { readonly services: readonly MeshService[]; readonly istiodFor: IstiodFor } {
  const { controlPlane } = view;
  const [fallback] = controlPlane.revisions;
  if (fallback === undefined) return { services: [], istiodFor: unreachable };
  const services = meshServicesOf(view, clusterDomainOf(fallback));
  const known = new Map<string, Istiod>();
  const istiodFor = (pod: Pod) => {
    const revision = revisionOf(pod.revision, controlPlane) ?? fallback;
    const found = known.get(revision.name) ?? istiodOf(revision, view, services);
    known.set(revision.name, found);
    return found;
  };
  return { services, istiodFor };
}

function unreachable(): never {
  throw new Error('no pod obeys an istiod where there is none');
}

interface ServedPort {
  readonly service: MeshService;
  readonly port: MeshPort;
  readonly servers: readonly Server[];
}

/** One of the workloads behind a Service port. */
interface Server {
  readonly name: WorkloadName;
  readonly isReady: boolean;
  readonly others: ReadonlySet<Workload>;
}

function servedPorts(service: MeshService, wanted: Wanted): readonly ServedPort[] {
  const workloads = service.workloads.filter(wanted.servers);
  if (workloads.length === 0) return [];
  const ports = service.ports.filter(({ protocol }) => protocol !== 'udp');
  return ports.map((port) => ({ service, port, servers: workloads.map((one) => serverAt(one, service, port)) }));
}

function serverAt(workload: Workload, service: MeshService, port: MeshPort): Server {
  return {
    name: nameOf(workload),
    isReady: port.ready.some((endpoint) => endpoint.workload === workload),
    others: new Set(service.workloads.filter((one) => one !== workload)),
  };
}

function tryOut(client: Client, service: MeshService, port: MeshPort, istiodFor: IstiodFor): readonly Trial[] {
  return attemptsOf(client, service, port).map((attempt) => {
    if (attempt.kind !== 'arrives') return { verdict: verdictOf(attempt, client, client.istiod) };
    const { pod, workload } = attempt.endpoint;
    return { verdict: verdictOf(attempt, client, istiodFor(pod)), at: workload };
  });
}

/**
 * What holds for one of the workloads behind a Service: what becomes of calls that it, and not another one of them,
 * is to answer. If none are, what becomes of calls of the Service.
 */
function judge(trials: readonly Trial[], { name, isReady, others }: Server): Verdict {
  if (!isReady) return unready(name);
  const own = trials.filter(({ at }) => at === undefined || !others.has(at));
  return fold((own.length > 0 ? own : trials).map(({ verdict }) => verdict));
}

function unready({ namespace, workload }: WorkloadName): Verdict {
  const because = [`${namespace}/${workload} has no ready pod at this port`];
  return { outcome: 'fails', wire: 'none', demanded: 'nothing', sent: 'nothing', because };
}

function nameOf({ namespace, name, kind }: Workload): WorkloadName {
  return { namespace, workload: name, kind };
}
