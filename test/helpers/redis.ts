export { freePort, type OwnRedis as TestRedis, startRedis } from '../../src/sandbox/redis.ts';
