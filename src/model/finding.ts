import type { FixRequest } from './fix.ts';

/** Worst first. `unknown` means we could not see; it never means fine. */
export const severities = ['error', 'warning', 'unknown', 'info', 'ok'] as const;
export type Severity = (typeof severities)[number];

/** Names one object the way `oc` would, or one of its ports. */
export interface Ref {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** A container port, unless `kind` is `Service`. */
  readonly port?: number;
}

/** One statement by one check about one subject, good or bad. */
export interface Finding {
  readonly check: string;
  /** Stable: people mute and link by it. */
  readonly code: string;
  readonly severity: Severity;
  readonly subject: Ref;
  /** What is said of the subject, for one and for many: `accepts only mTLS`, `accept only mTLS`; `{to}` is {@link to}. */
  readonly says: { readonly one: string; readonly many: string };
  /** Whom the statement is about besides its subject: `reviews-v1:9080`. */
  readonly to?: string;
  /** The Service that {@link to} is, or is some workloads of: `bookinfo/reviews:9080`. It stays while those change. */
  readonly toService?: string;
  /** Particulars, each a sentence or a name: pods, ports, reasons. */
  readonly detail?: readonly string[];
  /** The objects that decide it. Empty where a built-in default does. */
  readonly because: readonly Ref[];
  /** What to do about it, as a sentence. */
  readonly next?: string;
  /** What meshbot can do about it, with approval. */
  readonly fix?: FixRequest;
  /** The finding that is the cause of this one. */
  readonly explainedBy?: Cause;
}

/** Names a finding of the same report. */
export type Cause = Pick<Finding, 'check' | 'code' | 'subject'>;

/** Tells causes apart. */
export function nameOfCause({ check, code, subject }: Cause): string {
  return `${check}/${code} ${describeRef(subject)}`;
}

export function ref({ kind, namespace, name }: Ref): Ref {
  return { kind, ...(namespace !== undefined && { namespace }), name };
}

/** `PeerAuthentication istio-system/default`, `Namespace legacy`. */
export function describeRef({ kind, namespace, name, port }: Ref): string {
  const id = namespace === undefined ? name : `${namespace}/${name}`;
  return port === undefined ? `${kind} ${id}` : `${kind} ${id} port ${port}`;
}

/** The worst severity there is among some findings. */
export function worstOf(findings: readonly Pick<Finding, 'severity'>[]): Severity | undefined {
  return severities.find((severity) => findings.some((one) => one.severity === severity));
}

/** Something is wrong, or could not be seen. */
export function isProblem({ severity }: Pick<Finding, 'severity'>): boolean {
  return severity !== 'info' && severity !== 'ok';
}

export function bySeverity(a: { readonly severity: Severity }, b: { readonly severity: Severity }): number {
  return severities.indexOf(a.severity) - severities.indexOf(b.severity);
}
