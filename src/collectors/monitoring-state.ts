import {
  type Condition,
  type PrometheusInstance,
  type Querier,
  type Rollout,
  userMonitoringNamespace,
} from '../model/monitoring.ts';
import type { KubeObject } from '../model/sources.ts';
import { at, child, count, type Field, flag, items, required, text } from './fields.ts';

export function conditionsOf(object: KubeObject): readonly Condition[] {
  return items(at(object, 'status', 'conditions')).map((one) => ({
    type: textAt(one, 'type'),
    status: textAt(one, 'status'),
    reason: text(child(one, 'reason')) ?? '',
    message: text(child(one, 'message')) ?? '',
  }));
}

export function projectPrometheus(object: KubeObject): PrometheusInstance {
  const generation = generationOf(object);
  const conditions = items(at(object, 'status', 'conditions'));
  return {
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
    isObserved: conditions.every((one) => (count(child(one, 'observedGeneration')) ?? generation) === generation),
    conditions: conditionsOf(object),
  };
}

export function projectRollout(object: KubeObject): Rollout {
  const status = (key: string) => count(at(object, 'status', key));
  return {
    name: object.metadata.name,
    isObserved: (status('observedGeneration') ?? 0) >= generationOf(object),
    updated: status('updatedReplicas') ?? 0,
    ready: status('readyReplicas') ?? 0,
    replicas: count(at(object, 'spec', 'replicas')) ?? 1,
  };
}

/** @see cluster-monitoring-operator pkg/manifests/manifests.go: ThanosQuerierDeployment */
export function projectQuerier(object: KubeObject): Querier {
  const containers = items(at(object, 'spec', 'template', 'spec', 'containers'));
  const texts = containers.flatMap((one) => items(child(one, 'args'))).map((one) => text(one) ?? '');
  const endpoints = texts.filter((one) => /^--(endpoint|store)(=|$)/.test(one));
  const isToldOfUsers = endpoints.length === 0 || texts.some((one) => one.includes(userMonitoringNamespace));
  return { ...projectRollout(object), isToldOfUsers };
}

export function projectVersion(object: KubeObject): { readonly version: string; readonly isUpgrading: boolean } {
  const version = at(object, 'status', 'desired', 'version');
  const progressing = conditionsOf(object).find(({ type }) => type === 'Progressing');
  return { version: required(version, text(version)), isUpgrading: progressing?.status === 'True' };
}

export function projectTopology(object: KubeObject): {
  readonly controlPlane: string;
  readonly infrastructure: string;
} {
  const topology = (key: string) => text(at(object, 'status', key)) ?? 'HighlyAvailable';
  return { controlPlane: topology('controlPlaneTopology'), infrastructure: topology('infrastructureTopology') };
}

/** A node that takes pods which tolerate no taint; else nothing. */
export function projectOpenNode(object: KubeObject): true | undefined {
  const taints = items(at(object, 'spec', 'taints')).map((taint) => text(child(taint, 'effect')));
  const isClosed = flag(at(object, 'spec', 'unschedulable')) === true;
  return isClosed || taints.some((effect) => effect === 'NoSchedule' || effect === 'NoExecute') ? undefined : true;
}

function generationOf(object: KubeObject): number {
  return count(at(object, 'metadata', 'generation')) ?? 0;
}

function textAt(field: Field, key: string): string {
  const value = child(field, key);
  return required(value, text(value));
}
