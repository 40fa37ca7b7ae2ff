// Loaded into the process of each test file, by scripts/test-run.mjs. Such a process should end by itself once its tests and hooks
// have; where it does not, a test left something open. This says what, and ends it. (`--test-force-exit` would end it as well, but
// says nothing, and loses the results that are still on their way: https://github.com/nodejs/node/issues/64833.)
import { subscribe } from 'node:diagnostics_channel';

/** What the line about things left open begins with. */
export const leftOpenMark = 'left open after the last test: ';

const turnMs = 100;

// The runner itself takes the mark from here, and has no such variable.
if (process.env.NODE_TEST_CONTEXT !== undefined) {
  const closeMs = Number(new URL(import.meta.url).searchParams.get('closeMs'));
  subscribe('tracing:node.test:end', ({ name }) => {
    if (name === '<root>') watch(Math.ceil(closeMs / turnMs));
  });
}

/** Counts turns of the event loop, not the time: on a busy machine what is being closed takes longer, and so do these. */
function watch(turns) {
  let left = turns;
  const timer = setInterval(() => {
    // Results that the runner has not taken yet are nobody's fault.
    left = process.stdout.writableLength > 0 ? turns : left - 1;
    if (left > 0) return;
    clearInterval(timer);
    // On stdout, which the runner reads to its end.
    process.stdout.write(`\n${leftOpenMark}${open().join(', ') || 'nothing that has a name'}\n`, () => process.exit(1));
  }, turnMs);
  timer.unref();
}

function open() {
  const handles = process._getActiveHandles().filter(({ fd }) => fd !== 1 && fd !== 2);
  // The others have a handle each, which says more.
  const others = process.getActiveResourcesInfo().filter((name) => !/(?<!Req)Wrap$/.test(name));
  const all = Map.groupBy([...handles.map(describe), ...others], (one) => one);
  return Array.from(all, ([one, { length }]) => (length > 1 ? `${length} × ${one}` : one));
}

function describe(handle) {
  const { spawnfile, pid, listening, remoteAddress, remotePort } = handle;
  if (spawnfile) return `process ${pid} (${spawnfile})`;
  if (listening) return `server on ${JSON.stringify(handle.address())}`;
  if (remoteAddress) return `connection to ${remoteAddress}:${remotePort}`;
  return handle.constructor.name;
}
