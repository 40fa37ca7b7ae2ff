import { fixes } from './index.ts';

const places = { cluster: '', namespace: ' bookinfo', object: ' bookinfo/reviews' } as const;

/** What help says of each fix. */
export function fixHelp() {
  return fixes.map(({ id, does, scope }) => ({ id, does, scope, example: `fix ${id}${places[scope]}` }));
}
