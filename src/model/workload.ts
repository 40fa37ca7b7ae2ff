export type Labels = Readonly<Record<string, string>>;

export type DataPlane =
  /** An istio-proxy container, among the containers or as a native sidecar among the init containers. */
  | { readonly mode: 'sidecar'; readonly native: boolean; readonly image: string; readonly ready: boolean }
  /** Captured by ztunnel on its node. */
  | { readonly mode: 'ambient' }
  /** A gateway or waypoint: its proxy is its application. */
  | { readonly mode: 'gateway'; readonly ready: boolean }
  | { readonly mode: 'none' };

export interface ContainerPort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
}

export interface Pod {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Only those of Istio that a check reads. */
  readonly annotations: Labels;
  readonly createdAt: string;
  readonly phase: string;
  readonly ready: boolean;
  /** Being deleted: it takes no new traffic. */
  readonly terminating: boolean;
  readonly hostNetwork: boolean;
  readonly serviceAccount: string;
  readonly node?: string;
  readonly ip?: string;
  readonly ports: readonly ContainerPort[];
  readonly dataPlane: DataPlane;
  /** The revision whose injector made the sidecar. */
  readonly revision?: string;
}

export interface Workload {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Labels of the pod template: policies select by these. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly serviceAccount: string;
  /** Pods it should have now; absent where that depends on a schedule or on nodes. */
  readonly replicas?: number;
  /** Ports of the pod template's containers. */
  readonly ports: readonly ContainerPort[];
  readonly hostNetwork: boolean;
  /** Those that run or are about to. Finished ones are left out. */
  readonly pods: readonly Pod[];
  /** Metrics saw it call the workloads in question. */
  readonly seenCalling?: true;
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol: string;
  readonly appProtocol?: string;
  /** A number, or the name of a container port that is looked up in each pod. */
  readonly targetPort: number | string;
}

export interface Endpoint {
  readonly ip: string;
  readonly ready: boolean;
  /** The pod behind it, where there is one. */
  readonly pod?: string;
  readonly ports: readonly { readonly name?: string; readonly port: number }[];
}

export interface Service {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly type: string;
  readonly headless: boolean;
  /** RFC 3339: where two Services disagree on a pod's port, the older one is believed. */
  readonly createdAt?: string;
  readonly selector: Labels;
  readonly ports: readonly ServicePort[];
  readonly endpoints: readonly Endpoint[];
}
