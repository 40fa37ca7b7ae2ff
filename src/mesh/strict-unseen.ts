import { ref } from '../model/finding.ts';
import type { Observed } from '../model/observed.ts';
import { listed } from '../model/statement.ts';
import { scopeOf, type Target } from '../model/target.ts';
import type { DestinationRule } from '../model/tls-config.ts';
import type { Service, Workload } from '../model/workload.ts';
import { fullHost, isWithin, serviceHost } from './hosts.ts';
import { clusterDomainOf } from './istiod.ts';
import type { MeshView } from './mesh-view.ts';
import { isCallable, isServed, trafficTo } from './observed.ts';
import { windowOf } from './observed-window.ts';
import { placeRef } from './place-ref.ts';
import type { Doubt } from './strict-doubts.ts';
import { tlsPlaces } from './tls-place.ts';

/** Who is not called tells nothing of its callers. Where nobody is, nothing is known at all. */
export function doubtsOfSilence(
  workloads: readonly Workload[],
  observed: Observed,
  services: readonly Service[],
  target: Target,
): readonly Doubt[] {
  const silent = workloads.filter((one) => trafficTo(one, observed).length === 0 && isCallable(one, services));
  const window = windowOf(observed);
  const isKnown = workloads.some((one) => trafficTo(one, observed).length > 0);
  if (isKnown || !silent.some((one) => isServed(one, services))) {
    return silent.map((one) => ({ code: 'quiet', subject: ref(one), detail: [window] }));
  }
  const to = `nobody called it ${window}, so its callers are not known`;
  return [{ code: 'cannot-tell', subject: placeRef(target), to, next: 'Ask again when callers have come.' }];
}

/** Ways in by which plaintext would come, of which nobody was seen to make use. */
export function doubtsOfWaysIn(view: MeshView, affected: readonly Workload[], target: Target): readonly Doubt[] {
  const served = view.services.flatMap((service) => {
    const behind = affected.filter((one) => isServed(one, [service]));
    return behind.length === 0 ? [] : [{ service, behind }];
  });
  const open = served.filter(({ service: { type } }) => type === 'LoadBalancer' || type === 'NodePort');
  const doors = open.map(({ service, behind }): Doubt => {
    const names = listed(behind.map(({ name }) => name));
    const to = `as ${service.type} it takes callers from outside the mesh straight to ${names}, and none was seen`;
    return { code: 'unseen', subject: { kind: 'Service', namespace: service.namespace, name: service.name }, to };
  });
  const services = served.map(({ service }) => service);
  return [...doors, ...view.destinationRules.flatMap((rule) => byRule(rule, services, view, target))];
}

/** A rule elsewhere is for callers who are there: those in question were judged already. */
function byRule(
  rule: DestinationRule,
  services: readonly Service[],
  { controlPlane }: MeshView,
  target: Target,
): readonly Doubt[] {
  const [istiod] = controlPlane.revisions;
  const modes = [...new Set(tlsPlaces(rule).map(({ mode }) => mode))].filter((mode) => mode !== 'ISTIO_MUTUAL');
  if (istiod === undefined || modes.length === 0 || scopeOf(target)?.includes(rule.namespace) !== false) return [];
  const domain = clusterDomainOf(istiod);
  const host = fullHost(rule.host, rule.namespace, domain);
  const covered = services.filter(({ name, namespace }) => isWithin(serviceHost(name, namespace, domain), host));
  if (covered.length === 0) return [];
  const names = listed(covered.map(({ name }) => name));
  const to = `callers that follow it send no mTLS to ${names} (TLS ${listed(modes)}), and may not have been seen`;
  return [{ code: 'unseen', subject: ref(rule), to }];
}
