/** An object of the Kubernetes API. Only `kind` and the name are sure to be there: files hold anything. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedField[];
}

/** Who last set some of an object's fields. */
export interface ManagedField {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  /** RFC 3339. */
  readonly time?: string;
}

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

/** A resource of the Kubernetes API. Its version is discovered: `versions` are those we understand, best first. */
export interface ResourceType {
  /** `''` for the core group. */
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
  readonly versions: readonly string[];
  readonly namespaced: boolean;
}

export interface ListOptions {
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** `key=value,…`, as the API server reads it. */
  readonly labelSelector?: string;
  readonly signal?: AbortSignal;
}

export interface GetOptions {
  readonly namespace?: string;
  readonly signal?: AbortSignal;
}

/**
 * The Kubernetes API as collectors need it: a live cluster, YAML files or a must-gather.
 * Every failure is a {@link SourceError}; an empty answer means that there are none, never that we could not see.
 */
export interface Cluster {
  /** As the user names it: `prod-eu`. */
  readonly name: string;
  /** Where answers come from, for the reader: `https://…:6443`, `manifests/ (3 files)`. */
  readonly source: string;
  readonly kind: 'live' | 'files' | 'must-gather';
  /**
   * Lists a resource page by page. `project` sees each object once and keeps only what is needed, so that a list of
   * ten thousand pods never stands in memory whole; `undefined` drops the object. What it throws goes through.
   */
  list<T>(
    resource: ResourceType,
    options: ListOptions,
    project: (object: KubeObject) => T | undefined,
  ): Promise<readonly T[]>;
  /** One object, or `undefined` where it does not exist. */
  get(resource: ResourceType, name: string, options: GetOptions): Promise<KubeObject | undefined>;
}

/** Running proxies, asked themselves. */
export interface ProxySource {
  /**
   * GETs a path of Envoy's admin interface that changes nothing.
   *
   * @throws SourceError where the proxy cannot be asked, or does not answer with success.
   */
  get(
    pod: { readonly namespace: string; readonly name: string },
    path: string,
    options: { readonly maxBytes: number; readonly signal: AbortSignal },
  ): Promise<string>;
}

export interface Sources {
  readonly cluster: Cluster;
  /** Only a live cluster has any. */
  readonly proxies?: ProxySource;
  /** Where one is configured. */
  readonly metrics?: Metrics;
  /** Where it is configured: only within the pod network can they be read. */
  readonly proxyMetrics?: ProxyMetrics;
}

/** The metrics that proxies serve themselves, in the text format of Prometheus. */
export interface ProxyMetrics {
  /** For the reader: `port 15090 of the proxies`. */
  readonly source: string;
  /** @throws SourceError where they cannot be read. */
  read(ip: string, options: { readonly signal: AbortSignal }): Promise<string>;
}

/** Prometheus, or what speaks like it. Every failure is a {@link SourceError}. */
export interface Metrics {
  /** Its address, for the reader. */
  readonly source: string;
  /** Evaluates an expression now. */
  query(promql: string, options?: { readonly signal?: AbortSignal }): Promise<MetricsAnswer>;
  /** What a Thanos querier gathers its answers from; nothing where this is one Prometheus. */
  stores(options?: { readonly signal?: AbortSignal }): Promise<readonly Store[] | undefined>;
}

/** @see thanos pkg/query/endpointset.go: StoreStatus */
export interface Store {
  readonly name: string;
  /** The querier's last look at it went well. */
  readonly isUp: boolean;
  /** Sets of labels; each of its series carries one of them. */
  readonly labels: readonly Readonly<Record<string, string>>[];
}

export interface MetricsAnswer {
  readonly series: readonly Series[];
  readonly warnings: readonly string[];
  /** Something may be missing: what is not in the answer may be there all the same. */
  readonly partial: boolean;
}

export interface Series {
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** May be NaN or infinite. */
  readonly value: number;
  /** RFC 3339. */
  readonly at: string;
}

/**
 * Why evidence is missing. `unauthenticated`: our own credentials were refused. `invalid`: an object is there that
 * cannot be understood. `partial`: the source answered in part.
 */
export type MissingReason =
  | 'forbidden'
  | 'invalid'
  | 'not-in-source'
  | 'not-installed'
  | 'partial'
  | 'timeout'
  | 'unauthenticated'
  | 'unreachable';

/** A source could not answer. Collectors let it pass; `collect` turns it into missing evidence. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly reason: MissingReason;
  /** What the reader can do about it, as a sentence. */
  readonly next: string | undefined;

  constructor(reason: MissingReason, message: string, { next, cause }: { next?: string; cause?: unknown } = {}) {
    super(message, { cause });
    this.reason = reason;
    this.next = next;
  }
}

/** What was asked cannot be asked: a sentence with a next step, shown as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
