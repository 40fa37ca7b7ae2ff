import type { MissingReason } from './sources.ts';

/** One fact of several, each of which may be missing for a reason of its own. */
export type Part<T> =
  | { readonly status: 'seen'; readonly value: T }
  /** Surely not there. */
  | { readonly status: 'absent' }
  | MissingPart;

export interface MissingPart {
  readonly status: 'missing';
  readonly reason: MissingReason;
  readonly detail: string;
  readonly next?: string;
}

/** What the ConfigMap `cluster-monitoring-config` says, without its text: that may hold addresses and names of Secrets. */
export interface MonitoringConfig {
  /** `no-key`: there is no `config.yaml` in it. `broken`: its text cannot be read as one mapping. */
  readonly text: 'readable' | 'no-key' | 'broken';
  /** Why it is broken, as a sentence. */
  readonly problem?: string;
  /** Some key, at any depth, is written twice. */
  readonly hasDuplicates: boolean;
  /** The value of `enableUserWorkload`; `invalid`: neither true nor false. Absent: the key is not there, or is empty. */
  readonly enableUserWorkload?: boolean | 'invalid';
  /** Top-level keys that look like `enableUserWorkload` but are not written so. */
  readonly similarKeys: readonly string[];
  /** Hive, and so OpenShift Cluster Manager, puts back what it set here. */
  readonly isHives: boolean;
  /** A label asks the API server not to validate it. */
  readonly skipsValidation: boolean;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** A Prometheus of the Prometheus Operator. */
export interface PrometheusInstance {
  readonly namespace: string;
  readonly name: string;
  /** Its operator has seen the newest specification. */
  readonly isObserved: boolean;
  readonly conditions: readonly Condition[];
}

/** How far a Deployment or a StatefulSet is. */
export interface Rollout {
  readonly name: string;
  readonly isObserved: boolean;
  readonly updated: number;
  readonly ready: number;
  readonly replicas: number;
}

/** Thanos in front of the cluster's Prometheuses. */
export interface Querier extends Rollout {
  /** Its arguments name the user-workload Prometheus, or name none at all. */
  readonly isToldOfUsers: boolean;
}

/** OpenShift's Prometheus for user projects: its switch, what was made of it, and what stands in its way. */
export interface UserWorkloadMonitoring {
  readonly config: Part<MonitoringConfig>;
  /** `spec.userDefined.mode` of the ClusterMonitoring resource; empty: it says nothing about it. */
  readonly clusterMonitoring: Part<string>;
  readonly version: Part<{ readonly version: string; readonly isUpgrading: boolean }>;
  /** `SingleReplica`, `HighlyAvailable`, `External`, …: of the control plane, and of what runs besides it. */
  readonly topology: Part<{ readonly controlPlane: string; readonly infrastructure: string }>;
  /** Conditions of the ClusterOperator `monitoring`. */
  readonly operator: Part<readonly Condition[]>;
  readonly prometheuses: Part<readonly PrometheusInstance[]>;
  /** In `openshift-user-workload-monitoring`. */
  readonly statefulSets: Part<readonly Rollout[]>;
  readonly querier: Part<Querier>;
  /** Red Hat runs this cluster: OpenShift Dedicated, or ROSA. */
  readonly managedNamespaces: Part<true>;
  /** Nodes on which pods may be put. */
  readonly nodes: Part<number>;
  /** Namespaces of which the user-workload Prometheus has targets. */
  readonly tenants: Part<readonly string[]>;
  /** What the querier gathers from the user-workload Prometheus; absent: what is asked for metrics is no querier. */
  readonly stores: Part<readonly { readonly name: string; readonly isUp: boolean }[]>;
}

export const monitoringNamespace = 'openshift-monitoring';
export const userMonitoringNamespace = 'openshift-user-workload-monitoring';
export const monitoringConfigName = 'cluster-monitoring-config';
