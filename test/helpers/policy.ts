import type { FixRule, Person, Policy } from '../../src/model/policy.ts';
import type { Plan } from '../../src/model/remediation.ts';

export const team = 'T0HOME';

export function person(user: string, more: Partial<Person> = {}): Person {
  return { team, user, deleted: false, bot: false, guest: false, stranger: false, groups: [], ...more };
}

export function rule(more: Partial<FixRule> = {}): FixRule {
  return {
    fixes: ['*'],
    clusters: ['*'],
    namespaces: ['*'],
    request: ['everyone'],
    approve: ['sre'],
    approvals: 1,
    selfApproval: false,
    expiresMinutes: 30,
    windows: [],
    ...more,
  };
}

/** `sre`: Ben, and group S0SRE. `lead`: Carla. Ana and Ana's second account are one user of the API server. */
export function policy(...fixes: readonly FixRule[]): Policy {
  return {
    roles: { sre: { users: ['U0BEN'], groups: ['S0SRE'] }, lead: { users: ['U0CARLA'], groups: [] } },
    people: {
      U0ANA: { user: 'ana', groups: ['devs'] },
      U0ANA2: { user: 'ana', groups: [] },
      U0BEN: { user: 'ben', groups: [] },
    },
    fixes,
    freeze: { freeze: ['everyone'], unfreeze: ['lead'] },
    digests: [],
    hash: 'a'.repeat(64),
  };
}

export type PlanFacts = Pick<Plan, 'fix' | 'target' | 'requestedBy' | 'requestedAt' | 'expiresAt' | 'undoOf'>;

/** Ana asked at noon for half an hour. */
export function planFacts(more: Partial<PlanFacts> = {}): PlanFacts {
  return {
    fix: 'require-mtls',
    target: { cluster: 'prod-eu', namespace: 'bookinfo' },
    requestedBy: { team, user: 'U0ANA' },
    requestedAt: '2026-06-10T12:00:00Z',
    expiresAt: '2026-06-10T12:30:00Z',
    ...more,
  };
}

export const soon = '2026-06-10T12:05:00Z';
