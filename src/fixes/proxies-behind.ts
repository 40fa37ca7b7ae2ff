import { describeRef } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { listed } from '../model/statement.ts';

const behind = new Set(['stale', 'other-rule', 'endpoint-differs', 'warming', 'catching-up']);

/**
 * Why a report by topic mtls is not yet the last word on a change, if it is not: proxies that still have the old way,
 * or, where none was asked, a change that is too fresh.
 */
export function proxiesBehind({ findings }: Report): string | undefined {
  const byProxies = findings.filter(({ check }) => check === 'proxy-config');
  const late = byProxies.filter(({ code }) => behind.has(code)).map(({ subject }) => describeRef(subject));
  if (late.length > 0) return `Proxies of ${listed([...new Set(late)])} do not have it yet.`;
  const isFresh = findings.some(({ check, code }) => check === 'recent-change' && code === 'pending');
  const isConfirmed = byProxies.some(({ code }) => code === 'in-step');
  return isFresh && !isConfirmed ? 'It was written less than a minute ago, and no proxy was asked.' : undefined;
}
