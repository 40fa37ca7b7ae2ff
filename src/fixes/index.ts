import type { Fix } from '../model/fix.ts';
import { nearest } from '../model/nearest.ts';
import { UsageError } from '../model/sources.ts';
import { listed } from '../model/statement.ts';
import { alignDestinationRuleTls } from './align-destination-rule-tls.ts';
import { enableUserWorkloadMonitoring } from './enable-user-workload-monitoring.ts';
import { requireMtls } from './require-mtls.ts';

/** Every fix, sorted by id. A fix that is not listed here does not exist. */
export const fixes: readonly Fix[] = [alignDestinationRuleTls, enableUserWorkloadMonitoring, requireMtls];

/** @throws UsageError where there is no such fix. */
export function fixOf(id: string): Fix {
  const found = fixes.find((one) => one.id === id);
  if (found !== undefined) return found;
  const ids = fixes.map((one) => one.id);
  const [near] = nearest(id, ids);
  const hint = near === undefined ? `There are: ${listed(ids)}.` : `Did you mean \`${near}\`?`;
  throw new UsageError(`I know no fix \`${id}\`. ${hint}`);
}
