import { canonical } from '../../model/canonical.ts';
import type { Plan } from '../../model/remediation.ts';
import { prefix } from '../open-queues.ts';

type Emergency = Pick<Plan, 'id' | 'target'>;

/**
 * Approvals that somebody gave alone in an emergency, by person and cluster, within the last day. `person`: a name that
 * all accounts of one human share.
 */
export interface Emergencies {
  /**
   * Counts one for this plan, unless there are `most` others within a day: then gives false, and nothing is counted. A
   * plan counts once, however often it is asked, and also where somebody else decided it in the same moment.
   */
  take(person: string, plan: Emergency, limit: { readonly most: number; readonly at: Date }): Promise<boolean>;
}

interface EmergencyRedis {
  eval(script: string, keys: number, ...args: string[]): Promise<unknown>;
}

const dayMs = 24 * 3_600_000;

/** KEYS: those of one person. ARGV: plan, now, since when they count, the most, for how many seconds they are kept. */
const takeScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[5])
return 1
`;

export function emergencies(redis: EmergencyRedis): Emergencies {
  return {
    async take(person, plan, { most, at }) {
      const [now, since] = [at.getTime(), at.getTime() - dayMs];
      const args = [plan.id, String(now), String(since), String(most), String(dayMs / 1_000)];
      return (await redis.eval(takeScript, 1, keyOf(person, plan), ...args)) === 1;
    },
  };
}

function keyOf(person: string, { target }: Emergency): string {
  return `${prefix}:emergencies:${canonical([target.cluster, person])}`;
}
