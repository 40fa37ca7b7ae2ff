import type { Identity } from './traffic-config.ts';
import type { Labels } from './workload.ts';

export interface ServiceEntry extends Identity {
  readonly kind: 'ServiceEntry';
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly {
    readonly number: number;
    readonly name: string;
    readonly protocol: string;
    readonly targetPort?: number;
  }[];
  /** Absent in the object: MESH_EXTERNAL. Auto mTLS never applies to that. */
  readonly location: 'MESH_EXTERNAL' | 'MESH_INTERNAL';
  /** Absent in the object: NONE. */
  readonly resolution: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS';
  readonly endpoints: readonly {
    readonly address: string;
    readonly labels: Labels;
    /** Port of the endpoint by the entry's port name. */
    readonly ports: Readonly<Record<string, number>>;
  }[];
  /** Pods and WorkloadEntries of its namespace; absent: `endpoints` are all there are. */
  readonly workloadSelector?: Labels;
  /** Absent or empty: the mesh's default. */
  readonly exportTo?: readonly string[];
}
