import { describeRef } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { listed } from '../model/statement.ts';

const behind = new Set(['stale', 'other-rule', 'endpoint-differs', 'warming', 'catching-up']);

/**
 * Why a report by topic mtls is not yet the last word on a change, if it is not: proxies that still have the old way,
 * or a change that is too fresh to be everywhere, unless the proxies of each workload that it bears on show it.
 * `concerned`: those workloads, as `namespace/name`.
 */
export function proxiesBehind({ findings, coverage }: Report, concerned: readonly string[]): string | undefined {
  const byProxies = findings.filter(({ check }) => check === 'proxy-config');
  const late = byProxies.filter(({ code }) => behind.has(code)).map(({ subject }) => describeRef(subject));
  if (late.length > 0) return `Proxies of ${listed([...new Set(late)])} do not have it yet.`;
  const isFresh = findings.some(({ check, code }) => check === 'recent-change' && code === 'pending');
  if (!isFresh) return undefined;
  const proxies = coverage.find(({ kind }) => kind === 'proxies');
  // One pod does not speak for those of its workload that were not asked, or did not answer.
  if (proxies?.status !== 'collected' || proxies.seen < proxies.of)
    return 'It was written less than a minute ago, and not every proxy could be asked.';
  const inStep = byProxies.filter(({ code }) => code === 'in-step').map(({ subject }) => subject);
  const seen = new Set(inStep.map(({ namespace, name }) => `${namespace}/${name}`));
  const open = [...new Set(concerned)].filter((one) => !seen.has(one));
  return open.length === 0
    ? undefined
    : `It was written less than a minute ago, and proxies of ${listed(open)} do not show it yet.`;
}

/** What a good word rests on, to end a sentence: the proxies' own word, or only what the objects say. */
export function basisIn({ coverage }: Report): string {
  const proxies = coverage.find(({ kind }) => kind === 'proxies');
  if (proxies?.status !== 'collected' || proxies.seen === 0) return 'by what the objects say: no proxy could be asked';
  return `by the objects and ${proxies.seen} of ${proxies.of} proxies`;
}
