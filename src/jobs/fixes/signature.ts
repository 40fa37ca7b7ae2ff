import { createHmac, timingSafeEqual } from 'node:crypto';
import { canonical } from '../../model/canonical.ts';
import type { Approval, Plan } from '../../model/remediation.ts';

/** Signs approvals and knows its own. Only the bot, who asks Slack who clicked, and the fixer hold the key. */
export interface Signer {
  /**
   * HMAC-SHA256 in hex, over the whole plan as it was shown and over who approved it, as whom, under which policy, when
   * and why.
   */
  sign(plan: Plan, approval: Omit<Approval, 'signature'>): string;
  isSigned(plan: Plan, approval: Approval): boolean;
}

const leastBytes = 32;

export function signer(key: string): Signer {
  if (Buffer.byteLength(key) < leastBytes) {
    throw new Error(`The key for approvals is shorter than ${leastBytes} bytes. Make one: openssl rand -hex 32`);
  }
  const sign = (plan: Plan, { by, roles, kubernetes, at, digest, policy, breakGlass }: Omit<Approval, 'signature'>) => {
    const who = [by.team, by.enterprise ?? null, by.user, roles, kubernetes ?? null];
    const signed = ['meshbot approval', 2, plan, digest, policy ?? null, who, at, breakGlass ?? null];
    return createHmac('sha256', key).update(canonical(signed)).digest('hex');
  };
  return {
    sign,
    isSigned(plan, approval) {
      const [given, own] = [Buffer.from(approval.signature), Buffer.from(sign(plan, approval))];
      return approval.digest === plan.digest && given.length === own.length && timingSafeEqual(given, own);
    },
  };
}
