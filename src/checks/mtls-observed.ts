import { connectionsAsked } from '../mesh/connections-asked.ts';
import {
  bySender,
  contradictions,
  countedPods,
  isServed,
  plaintextCallers,
  trafficTo,
  unscrapedPods,
} from '../mesh/observed.ts';
import { amountOf, howToScrape, howToSeeAnew, windowOf, youngProxies } from '../mesh/observed-window.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { ref } from '../model/finding.ts';
import { contains } from '../model/target.ts';

const unnamed = 'callers that the metrics cannot name';

/** What was on the wire: how calls arrived at the servers, as their proxies counted it. */
export const mtlsObserved = defineCheck({
  id: 'mtls-observed',
  title: 'mTLS seen on the wire',
  needs: viewKinds,
  wants: ['observed'],
  codes: {
    'plaintext-seen': {
      severity: 'warning',
      one: 'was called in plaintext by {to}',
      many: 'were called in plaintext by {to}',
      next: 'Take the caller into the mesh, or remove the rule that turns TLS off for it; then set mode STRICT.',
    },
    contradicts: {
      severity: 'warning',
      one: 'was called by {to} in another way than the configuration lets expect',
      many: 'were called by {to} in another way than the configuration lets expect',
    },
    'not-scraped': {
      severity: 'info',
      one: 'has proxies whose metrics do not come in, so nothing is known of calls to them',
      many: 'have proxies whose metrics do not come in, so nothing is known of calls to them',
      tellsNothing: true,
    },
    'no-traffic': {
      severity: 'info',
      one: 'got no request, so nothing is known of its callers',
      many: 'got no request, so nothing is known of their callers',
      tellsNothing: true,
    },
    'mtls-seen': { severity: 'ok', one: 'got every request with mTLS', many: 'got every request with mTLS' },
  },
  *evaluate({ observed, ...view }, target) {
    const settle = `To see whether it stays so, ${howToSeeAnew(observed)}. Look also whether the caller’s proxy has the configuration: istioctl proxy-status.`;
    const foretold = connectionsAsked(view, target);
    const counted = view.workloads.filter((one) => contains(target, one) && countedPods(one).length > 0);
    for (const workload of counted) {
      const subject = ref(workload);
      const traffic = trafficTo(workload, observed);
      const plaintext = bySender(traffic.filter(({ wire }) => wire === 'plaintext'));
      for (const [sender, sent] of plaintext) {
        const guesses = sender === '' ? plaintextCallers(workload, foretold).filter((one) => !plaintext.has(one)) : [];
        const detail = [amountOf(sent, observed), ...guesses.map((one) => `${one} can reach it in plaintext`)];
        yield { code: 'plaintext-seen' as const, subject, to: sender || unnamed, detail };
      }
      for (const found of contradictions(workload, observed, foretold)) {
        yield { code: 'contradicts' as const, subject, to: found.client, detail: [found.why], next: settle };
      }
      const unscraped = unscrapedPods(workload, observed);
      const young = youngProxies(workload, observed);
      const detail = [amountOf(traffic, observed), ...young];
      if (unscraped.length > 0) {
        yield { code: 'not-scraped' as const, subject, detail: unscraped, next: howToScrape(observed) };
      } else if (traffic.length > 0 && plaintext.size === 0) yield { code: 'mtls-seen' as const, subject, detail };
      else if (traffic.length === 0 && isServed(workload, view.services)) {
        yield { code: 'no-traffic' as const, subject, detail: [windowOf(observed), ...young] };
      }
    }
  },
});
