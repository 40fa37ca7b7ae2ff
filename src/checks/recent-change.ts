import { recentChanges, settlingSeconds } from '../mesh/recent.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { ref } from '../model/finding.ts';
import { contains } from '../model/target.ts';

/** Objects that changed so lately that proxies and open connections may still go by what was before. */
export const recentChange = defineCheck({
  id: 'recent-change',
  title: 'Changes that are not everywhere yet',
  needs: viewKinds,
  codes: {
    pending: {
      severity: 'unknown',
      one: 'changed less than a minute ago, so it may not be everywhere yet',
      many: 'changed less than a minute ago, so they may not be everywhere yet',
      next: 'Ask again in a minute: open connections keep the old way for up to 45 seconds.',
      // A proxy that differs by an object which changed just now waits for the push of that change.
      explains: ['proxy-config/catching-up'],
    },
    settled: {
      severity: 'ok',
      one: 'has had no change in the last minute',
      many: 'have had no change in the last minute',
    },
  },
  *evaluate(view, target, { takenAt }) {
    const recent = recentChanges(view, target, takenAt);
    for (const { object, secondsAgo } of recent) {
      yield { code: 'pending', subject: ref(object), detail: [`${secondsAgo} s of ${settlingSeconds} have passed`] };
    }
    if (recent.length > 0) return;
    for (const workload of view.workloads.filter((one) => contains(target, one))) {
      yield { code: 'settled', subject: ref(workload) };
    }
  },
});
