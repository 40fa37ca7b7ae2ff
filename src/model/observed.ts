/** What the proxies of servers counted within a window, as Prometheus has it. Clients' own counts never say how a call arrived. */
export interface Observed {
  readonly windowSeconds: number;
  readonly traffic: readonly Traffic[];
  /** Pods in question that have a proxy, and whether its metrics are scraped. */
  readonly proxies: readonly { readonly namespace: string; readonly pod: string; readonly scraped: boolean }[];
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
