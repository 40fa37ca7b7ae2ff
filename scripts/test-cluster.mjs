import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const script = 'test/cluster/cluster';

/**
 * A cluster for the tests: the one of MESHBOT_TEST_KUBECONFIG, or ours where its tools are built. Ours is left as it was found.
 * Never the one of KUBECONFIG: the tests make and delete objects in it, which nobody asked for by setting that.
 *
 * @returns {Promise<{ skip?: string, error?: string, giveBack?: () => void }>}
 */
export async function borrowCluster() {
  if (process.env.MESHBOT_TEST_KUBECONFIG) return { giveBack() {} };
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    return {
      skip: 'our own cluster needs Linux and root. For another one set MESHBOT_TEST_KUBECONFIG to its kubeconfig',
    };
  }
  if (call('tools', '--check').status !== 0) {
    return {
      skip: 'its tools are not built. Once: npm run cluster -- tools (10 to 20 minutes). Or set MESHBOT_TEST_KUBECONFIG',
    };
  }
  const release = await hold();
  const found = call('status').status === 0;
  const giveBack = () => {
    if (!found) call('down');
    release();
  };
  for (const step of ['up', 'bookinfo']) {
    const { status, stdout, stderr } = call(step);
    process.stdout.write(stdout);
    if (status !== 0) {
      giveBack();
      return { error: `cluster ${step} failed: ${stderr.trim() || `exit ${status}`}` };
    }
  }
  stopOnSignals(giveBack);
  return { giveBack };
}

/** One run of the suite at a time: tests change what the whole mesh does. The hold ends with this process. */
async function hold() {
  const holder = spawn('bash', [script, 'hold'], { stdio: ['pipe', 'pipe', 'inherit'] });
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'exit')]);
  return () => holder.stdin.end();
}

function stopOnSignals(giveBack) {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ]) {
    process.once(signal, () => {
      giveBack();
      process.exit(code);
    });
  }
}

function call(...args) {
  return spawnSync('bash', [script, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
