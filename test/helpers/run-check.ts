import { filesFrom } from '../../src/clients/files/files-cluster.ts';
import { collect } from '../../src/collectors/collect.ts';
import type { Check } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Observed } from '../../src/model/observed.ts';
import type { Proxies } from '../../src/model/proxy.ts';
import type { Target } from '../../src/model/target.ts';
import { runCheck as run } from '../../src/topics/judge.ts';

/** What manifests do not hold. */
export interface Given {
  readonly observed?: Observed;
  readonly proxies?: Proxies;
  readonly takenAt?: string;
}

/** Runs one check over manifests as the worker would: the same collectors, the same runner. */
export async function runCheck(
  check: Check,
  manifests: readonly string[],
  target: Omit<Target, 'cluster'> = {},
  { observed, proxies, takenAt }: Given = {},
): Promise<readonly Finding[]> {
  const cluster = filesFrom([{ file: 'test.yaml', text: manifests.join('---\n') }]);
  const signal = AbortSignal.timeout(5_000);
  const snapshot = await collect(check.needs, { cluster }, { cluster: 'test', ...target }, { signal });
  const { seen = [] } = proxies ?? {};
  const coverage = { seen: seen.length, of: seen.length, unit: 'proxy', notes: [] };
  const asked =
    proxies && ({ status: 'collected', source: 'test', at: snapshot.takenAt, coverage, value: proxies } as const);
  const counted =
    observed && ({ status: 'collected', source: 'test', at: snapshot.takenAt, coverage, value: observed } as const);
  const evidence = { ...snapshot.evidence, ...(asked && { proxies: asked }), ...(counted && { observed: counted }) };
  return run(check, { ...snapshot, evidence, takenAt: takenAt ?? snapshot.takenAt });
}

/** What a test asserts: `warning permissive bookinfo/details-v1`. The wording of messages stays free to change. */
export function outline(findings: readonly Finding[]): readonly string[] {
  return findings
    .map(({ severity, code, subject: { namespace, name, port } }) => {
      const id = [namespace, name].filter(Boolean).join('/');
      return `${severity} ${code} ${port ? `${id}:${port}` : id}`;
    })
    .toSorted();
}
