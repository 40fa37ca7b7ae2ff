import { callsOf, placesOf, serviceOf } from '../mesh/calls.ts';
import { connectionsAsked } from '../mesh/connections-asked.ts';
import { ruleAtFault } from '../mesh/rule-at-fault.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { type Ref, ref } from '../model/finding.ts';
import type { Connection, WorkloadName } from '../model/report.ts';
import { contains } from '../model/target.ts';
import type { Workload } from '../model/workload.ts';

/** Whether each caller and each server agree on mTLS: what is sent, held against what is demanded. */
export const mtlsConnections = defineCheck({
  id: 'mtls-connections',
  title: 'mTLS between callers and servers',
  needs: viewKinds,
  codes: {
    'plaintext-refused': {
      severity: 'error',
      one: 'sends plaintext to {to} and is refused',
      many: 'send plaintext to {to} and are refused',
      next: 'Correct the rule that turns TLS off for these callers: without it, auto mTLS does the right thing.',
    },
    'mtls-refused': {
      severity: 'error',
      one: 'sends mTLS to {to}, where nothing can end it',
      many: 'send mTLS to {to}, where nothing can end it',
      next: 'Remove the TLS setting that forces mTLS: without it, auto mTLS looks at each pod.',
    },
    'tls-refused': {
      severity: 'error',
      one: 'sends TLS of its own to {to}, where it is not taken',
      many: 'send TLS of their own to {to}, where it is not taken',
      next: 'If the application takes plain HTTP or TCP, leave TLS to the proxies: without SIMPLE or MUTUAL, auto mTLS protects the call. If it serves TLS itself, keep the rule: declare the port HTTPS or TLS, and demand no mTLS there.',
    },
    unreachable: {
      severity: 'error',
      one: 'cannot reach {to}',
      many: 'cannot reach {to}',
      next: 'The reasons name what is in the way: a Sidecar, a route, or missing endpoints.',
    },
    'outsider-refused': {
      severity: 'warning',
      one: 'has no proxy and is refused at {to}',
      many: 'have no proxy and are refused at {to}',
      next: 'Take the caller into the mesh, or allow plaintext on that port alone.',
    },
    plaintext: {
      severity: 'warning',
      one: 'sends plaintext to {to}',
      many: 'send plaintext to {to}',
      next: 'Take the caller into the mesh, or remove the rule that turns TLS off for it.',
    },
    unclear: {
      severity: 'unknown',
      one: 'may or may not reach {to}',
      many: 'may or may not reach {to}',
    },
    denied: {
      severity: 'info',
      one: 'is denied at {to} by an AuthorizationPolicy',
      many: 'are denied at {to} by an AuthorizationPolicy',
    },
    outside: {
      severity: 'info',
      one: 'reaches {to} in plaintext, for want of a proxy there',
      many: 'reach {to} in plaintext, for want of a proxy there',
    },
    'no-service': {
      severity: 'info',
      one: 'has no Service that leads to its workloads, so nobody is expected to call them',
      many: 'have no Service that leads to their workloads, so nobody is expected to call them',
    },
    secure: { severity: 'ok', one: 'reaches {to} with mTLS', many: 'reach {to} with mTLS' },
  },
  *evaluate(view, target) {
    const byName = Map.groupBy(view.workloads, nameOf);
    const found = connectionsAsked(view, target);
    for (const call of callsOf(found)) {
      const { client } = call[0];
      const caller = byName
        .get(`${client.namespace}/${client.workload}`)
        ?.find(({ kind }) => client.kind === undefined || kind === client.kind);
      const judged = call.map((connection) => ({ connection, code: codeOf(connection, caller) }));
      for (const [code, alike] of Map.groupBy(judged, (one) => one.code)) {
        const own = alike.map(({ connection }) => connection);
        const to = placesOf(own, call, target.namespace);
        const detail = [...new Set(own.flatMap(({ because }) => because))];
        const rule = alignable.has(code) ? ruleAtFault(own, view) : undefined;
        const fix = rule && { fix: { fix: 'align-destination-rule-tls', namespace: rule.namespace, name: rule.name } };
        const about = { subject: subjectOf(client, caller), toService: serviceOf(call) };
        for (const place of to) yield { code, ...about, to: place, detail, ...fix };
      }
    }
    if (found.length === 0 && view.workloads.some((one) => contains(target, one))) {
      yield { code: 'no-service' as const, subject: { kind: 'Namespace', name: target.namespace ?? 'mesh' } };
    }
  },
});

/** Failures that a DestinationRule's TLS may be the cause of. */
const alignable: ReadonlySet<string> = new Set(['plaintext-refused', 'mtls-refused', 'tls-refused']);

function codeOf({ outcome, wire, sent, demanded }: Connection, caller: Workload | undefined) {
  if (outcome === 'unknown') return 'unclear';
  if (outcome === 'works') {
    if (wire === 'mtls') return 'secure';
    return demanded === 'NONE' ? 'outside' : 'plaintext';
  }
  if (wire === 'none') return 'unreachable';
  if (sent.startsWith('TLS')) return 'tls-refused';
  if (sent === 'plaintext' && demanded === 'STRICT') return hasProxy(caller) ? 'plaintext-refused' : 'outsider-refused';
  return sent === 'mTLS' && (demanded === 'NONE' || demanded === 'DISABLE') ? 'mtls-refused' : 'denied';
}

function hasProxy(workload: Workload | undefined): boolean {
  return workload?.pods.some(({ dataPlane }) => dataPlane.mode !== 'none') ?? false;
}

function subjectOf({ namespace, workload }: WorkloadName, caller: Workload | undefined): Ref {
  return caller === undefined ? { kind: 'Workload', namespace, name: workload } : ref(caller);
}

function nameOf({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
