/**
 * One write of the store: all of it, or nothing. In this order: a write that is kept already is not made again; a
 * subject that is not at the expected version, a cluster that another plan holds, and an audit log that has grown
 * since stop it.
 *
 * KEYS: once, log, head [, subject [, lock, open]]. ARGV: head, record, next head, seconds to remember it [, version,
 * next version, value, seconds kept (0: for good) [, plan, holds (1 or 0), settled (1 or 0), heir]].
 *
 * A plan that is settled leaves the cluster to its heir, where it has one that is not settled; the heir holds it then
 * until it is settled itself, so that no other plan comes between.
 */
export const commitScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then return {'kept'} end
if KEYS[4] and (redis.call('HGET', KEYS[4], 'version') or '0') ~= ARGV[5] then return {'stale'} end
local holder = KEYS[5] and redis.call('GET', KEYS[5])
local holds = ARGV[10] == '1'
if holds and holder and holder ~= ARGV[9] then return {'busy', holder} end
local head = redis.call('GET', KEYS[3]) or ''
if head ~= ARGV[1] then return {'moved', head} end

redis.call('SET', KEYS[1], '1', 'EX', ARGV[4])
redis.call('RPUSH', KEYS[2], ARGV[2])
redis.call('SET', KEYS[3], ARGV[3])
if KEYS[4] then
  redis.call('HSET', KEYS[4], 'version', ARGV[6], 'value', ARGV[7])
  if ARGV[8] == '0' then redis.call('PERSIST', KEYS[4]) else redis.call('EXPIRE', KEYS[4], ARGV[8]) end
end
if KEYS[5] then
  if holds then redis.call('SET', KEYS[5], ARGV[9])
  elseif holder == ARGV[9] and ARGV[11] == '1' then
    local isOpen = ARGV[12] ~= '' and redis.call('ZSCORE', KEYS[6], ARGV[12]) == 'inf'
    if isOpen then redis.call('SET', KEYS[5], ARGV[12]) else redis.call('DEL', KEYS[5]) end
  end
  local settledAt = ARGV[11] == '1' and redis.call('TIME')[1] or '+inf'
  redis.call('ZADD', KEYS[6], settledAt, ARGV[9])
end
return {'kept'}
`;

/** KEYS: the open ones of a cluster. ARGV: for how many seconds settled ones stay in it. */
export const openScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (redis.call('TIME')[1] - ARGV[1]))
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/** KEYS: a remediation. ARGV: fields and values. Nothing where it does not exist. */
export const pinScript = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
`;

/** KEYS: the audit log, its head. */
export const extentScript = `return {redis.call('LLEN', KEYS[1]), redis.call('GET', KEYS[2]) or ''}`;
