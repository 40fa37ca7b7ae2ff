import { limitOf } from '../mesh/observed-window.ts';
import { placeRef } from '../mesh/place-ref.ts';
import { isReady, readinessOf } from '../mesh/readiness.ts';
import { strictEdit } from '../mesh/strict-edit.ts';
import { viewKinds } from '../mesh/view-kinds.ts';
import { defineCheck } from '../model/check.ts';
import { ref } from '../model/finding.ts';
import { isRefusal } from '../model/fix.ts';

/** Whether the namespace can go STRICT: what works now and would fail then, and who still sends plaintext. */
export const strictReadiness = defineCheck({
  id: 'strict-readiness',
  title: 'Ready for STRICT mTLS',
  needs: [...viewKinds, 'observed'],
  codes: {
    'would-break': {
      severity: 'error',
      one: 'would no longer reach {to}',
      many: 'would no longer reach {to}',
      next: 'Before going STRICT, take these callers into the mesh, or correct the rule that makes them send plaintext.',
    },
    'plaintext-senders': {
      severity: 'error',
      one: 'is still called in plaintext by {to}',
      many: 'are still called in plaintext by {to}',
    },
    'cannot-tell': { severity: 'unknown', one: 'cannot be judged: {to}', many: 'cannot be judged: {to}' },
    quiet: {
      severity: 'info',
      one: 'got no request, so rare callers of it are not known',
      many: 'got no request, so rare callers of them are not known',
    },
    unseen: { severity: 'info', one: 'leaves a question open: {to}', many: 'leave a question open: {to}' },
    ready: { severity: 'ok', one: 'can go STRICT', many: 'can go STRICT' },
  },
  *evaluate({ observed, ...view }, target, { takenAt }) {
    const readiness = readinessOf(view, { observed, takenAt }, target);
    const { affected, changes, doubts, kept } = readiness;
    yield* doubts;
    if (!isReady(readiness)) return;
    const judged = `${changes.length} connections were judged anew, and none that works now would fail`;
    const same = 'it would change nothing: all demand mTLS already, or stay as they are';
    const detail = affected.length === 0 ? [same] : [judged, limitOf(observed)];
    const { namespace, workload } = target;
    const isWhole = namespace !== undefined && workload === undefined;
    const canFix = isWhole && affected.length > 0 && !isRefusal(strictEdit(view, namespace));
    const fix = canFix && { fix: { fix: 'require-mtls', namespace } };
    yield { code: 'ready', subject: placeRef(target), detail, because: kept.map(ref), ...fix };
  },
});
