/** What the proxies of servers counted. Clients' own counts never say how a call arrived. */
export interface Observed {
  /** How far back the counts reach, as Prometheus has them. Absent: each proxy was asked itself, and counts since its start. */
  readonly windowSeconds?: number;
  readonly traffic: readonly Traffic[];
  /** Pods in question that have a proxy, and whether its metrics come in. */
  readonly proxies: readonly CountingProxy[];
}

export interface CountingProxy {
  readonly namespace: string;
  readonly pod: string;
  readonly scraped: boolean;
  /** How long it has counted, where it was asked itself and says so. */
  readonly upSeconds?: number;
}

/** Calls of one client to one workload that arrived in the same way. */
export interface Traffic {
  /** Absent where the metrics cannot name it: mostly a caller without a proxy. */
  readonly client?: { readonly namespace: string; readonly workload: string };
  readonly server: { readonly namespace: string; readonly workload: string };
  /** By name, where the metrics know it. */
  readonly service?: string;
  readonly protocol: 'http' | 'tcp';
  readonly wire: 'mtls' | 'plaintext';
  /** Requests, or TCP connections. */
  readonly count: number;
}
