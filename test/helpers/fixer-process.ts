import { startFixer } from '../../src/fixer.ts';
import { createLogger } from '../../src/log.ts';
import { wiredWriter } from './cluster-wire.ts';

/** A fixer in a process of its own, so that a test can kill it. It hangs `HANGS` its write: `before` or `after`. */
const { REDIS_URL = '', CLUSTER_URL = '', POLICY_FILE = '', APPROVAL_KEY = '', HANGS = '' } = process.env;

const writer = wiredWriter('prod', CLUSTER_URL);
const hang = (): Promise<never> => {
  process.stdout.write('hanging\n');
  return new Promise(() => {});
};

await startFixer(
  {
    redisUrl: REDIS_URL,
    listenHost: '127.0.0.1',
    healthPort: 0,
    logLevel: 'info',
    shutdownMs: 1_000,
    cluster: 'prod',
    policyFile: POLICY_FILE,
    approvalKey: APPROVAL_KEY,
  },
  {
    log: createLogger({ level: 'info' }),
    lockMs: 600,
    settleEveryMs: 300,
    writer: {
      ...writer,
      async write(change, options) {
        if (options.dryRun) return writer.write(change, options);
        if (HANGS === 'before') return hang();
        await writer.write(change, options);
        return hang();
      },
    },
  },
);
process.stdout.write('ready\n');
