import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How many of these objects are left after the garbage is collected. */
export function stillInMemory(objects: readonly WeakRef<object>[]): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return objects.filter((one) => one.deref() !== undefined).length;
}
