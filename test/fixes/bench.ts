import assert from 'node:assert/strict';
import { parse } from 'yaml';
import { collect } from '../../src/collectors/collect.ts';
import type { PlanRequest } from '../../src/fixes/plan.ts';
import type { EvidenceByKind } from '../../src/model/evidence.ts';
import { type Choice, type Fix, isRefusal, type Refusal } from '../../src/model/fix.ts';
import type { Observed } from '../../src/model/observed.ts';
import type { Report } from '../../src/model/report.ts';
import type { KubeObject } from '../../src/model/sources.ts';
import { evidenceNeeded } from '../../src/topics/evidence.ts';
import { judge } from '../../src/topics/judge.ts';
import { mtls } from '../../src/topics/mtls.ts';
import { clusterOf } from '../helpers/cluster.ts';

interface Place {
  readonly namespace: string;
  readonly name?: string;
}

/** What a fix says to a cluster made of these manifests. */
export async function choose(
  fix: Fix,
  manifests: readonly string[],
  place: Place,
  observed?: Observed,
): Promise<Choice | Refusal> {
  const target = { cluster: 'test', namespace: place.namespace };
  const signal = AbortSignal.timeout(5_000);
  const snapshot = await collect(fix.needs, { cluster: clusterOf(...manifests) }, target, { signal });
  const entries = fix.needs.map((kind) => {
    const evidence = snapshot.evidence[kind];
    if (kind === 'observed') return [kind, observed];
    assert.equal(evidence?.status, 'collected', `${kind} was not collected`);
    return [kind, evidence?.status === 'collected' ? evidence.value : undefined];
  });
  return fix.choose(Object.fromEntries(entries) as EvidenceByKind, { cluster: 'test', ...place }, snapshot);
}

/** The report by topic mtls on the same; without `observed`, no metrics were read. */
export async function reportOn(
  manifests: readonly string[],
  namespace: string,
  takenAt?: string,
  observed?: Observed,
): Promise<Report> {
  const target = { cluster: 'test', namespace };
  const signal = AbortSignal.timeout(5_000);
  const snapshot = await collect(evidenceNeeded(mtls), { cluster: clusterOf(...manifests) }, target, { signal });
  const { takenAt: at } = snapshot;
  const coverage = { seen: 1, of: 1, unit: 'metrics endpoint', notes: [] };
  const counted = observed && ({ status: 'collected', source: 'test', at, coverage, value: observed } as const);
  const evidence = { ...snapshot.evidence, ...(counted && { observed: counted }) };
  return judge(mtls, { ...snapshot, evidence, takenAt: takenAt ?? at });
}

/** An object as the API server would give it. */
export function live(manifest: string, meta: Partial<KubeObject['metadata']> = {}): KubeObject {
  const object = parse(manifest) as KubeObject;
  const managedFields = [{ manager: 'kubectl-create', operation: 'Update', time: '2026-01-01T00:00:00Z' }];
  const served = { uid: 'u1', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z', managedFields };
  return { ...object, metadata: { ...object.metadata, ...served, ...meta } };
}

export function request(place: Place, id = 'p1'): PlanRequest {
  return {
    id,
    target: { cluster: 'test', ...place },
    requestedBy: { team: 'T1', user: 'U1' },
    requestedAt: '2026-11-24T12:00:00.000Z',
    channel: 'C1',
    expiresAt: '2026-11-24T12:30:00.000Z',
    rule: { approvals: 1, selfApproval: false, approvers: ['sre'], policy: '0'.repeat(64) },
  };
}

export function made<T extends object>(value: T | Refusal): T {
  assert.ok(!isRefusal(value), isRefusal(value) ? value.refused : '');
  return value;
}

export function refused(value: object | undefined): Refusal {
  assert.ok(value !== undefined && isRefusal(value), `not refused: ${JSON.stringify(value)}`);
  return value;
}
