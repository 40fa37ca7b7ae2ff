import { filesFrom } from '../../src/clients/files/files-cluster.ts';
import { collect } from '../../src/collectors/collect.ts';
import type { Check } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Target } from '../../src/model/target.ts';
import { runCheck as run } from '../../src/topics/judge.ts';

/** Runs one check over manifests as the worker would: the same collectors, the same runner. */
export async function runCheck(
  check: Check,
  manifests: readonly string[],
  target: Omit<Target, 'cluster'> = {},
): Promise<readonly Finding[]> {
  const cluster = filesFrom([{ file: 'test.yaml', text: manifests.join('---\n') }]);
  const signal = AbortSignal.timeout(5_000);
  const snapshot = await collect(check.needs, { cluster }, { cluster: 'test', ...target }, { signal });
  return run(check, snapshot);
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
