import type { Vocabulary } from '../../../src/handlers/commands/parse.ts';
import type { Command } from '../../../src/model/command.ts';

export const topics = [
  { id: 'mtls', title: 'Is it encrypted?', example: 'mtls bookinfo' },
  { id: 'traffic', title: 'Who calls whom?', example: 'traffic bookinfo' },
];
export const one: Vocabulary = { topics, clusters: ['prod'] };
export const two: Vocabulary = { topics, clusters: ['prod-eu', 'prod-us'], defaultCluster: 'prod-eu' };

function check(target: object, topic = 'mtls'): Command {
  return { kind: 'check', topic, target: { cluster: 'prod', namespace: 'bookinfo', ...target } };
}

export const understood: readonly (readonly [string, Command])[] = [
  ['', { kind: 'help' }],
  ['   ', { kind: 'help' }],
  ['help', { kind: 'help' }],
  ['HELP mtls', { kind: 'help', topic: 'mtls' }],
  ['mtls --help', { kind: 'help', topic: 'mtls' }],
  ['-h', { kind: 'help' }],
  ['mtls bookinfo', check({})],
  ['  MTLS \t bookinfo\n', check({})],
  ['mtls\u00a0bookinfo', check({})],
  ['traffic bookinfo', check({}, 'traffic')],
  ['mtls bookinfo/reviews-v1', check({ workload: 'reviews-v1' })],
  ['mtls bookinfo/reviews.v1', check({ workload: 'reviews.v1' })],
  ['mtls "bookinfo"', check({})],
  ["mtls 'bookinfo'", check({})],
  ['mtls “bookinfo”', check({})],
  ['mtls ‘bookinfo’', check({})],
  ['mtls „bookinfo“', check({})],
  ['mtls bookinfo --cluster prod', check({})],
  ['--cluster=prod mtls bookinfo', check({})],
  ['mtls bookinfo —cluster prod', check({})],
  ['mtls bookinfo --CLUSTER Prod', check({})],
  ['mtls bookinfo --strict-ready', check({ strictReady: true })],
  ['--strict-ready mtls bookinfo/reviews-v1', check({ workload: 'reviews-v1', strictReady: true })],
  ['mtls bookinfo —strict-ready --from web', check({ from: ['web'], strictReady: true })],
  ['mtls bookinfo --from web', check({ from: ['web'] })],
  ['mtls bookinfo --from web,jobs,web', check({ from: ['web', 'jobs'] })],
  ['mtls bookinfo --from “web, jobs”', check({ from: ['web', 'jobs'] })],
  ['mtls bookinfo --from="web, jobs"', check({ from: ['web', 'jobs'] })],
  ['mtls <http://bookinfo|bookinfo>', check({})],
];

export const refused: readonly string[] = [
  'mtls',
  'mtls ""',
  'mtls bookinfo/',
  'mtls /reviews',
  'mtls a/b/c',
  'mtls bookinfo reviews-v1',
  'mtls Bookinfo',
  'mtls book_info',
  'mtls -bookinfo',
  'mtls bookinfo-',
  'mtls bücher',
  `mtls ${'a'.repeat(64)}`,
  `mtls a/${'a'.repeat(254)}`,
  'mtls <@U012ABC|ana>',
  'mtls <#C012ABC|mesh>',
  'mtls <!channel>',
  'mtls &lt;b&gt;',
  'mtls "bookinfo',
  'mtls ‘bookinfo',
  'mtls bookinfo --cluster',
  'mtls bookinfo --cluster --from web',
  'mtls bookinfo --cluster mars',
  'mtls bookinfo --cluster prod --cluster prod',
  'mtls bookinfo --from',
  'mtls bookinfo --from ,',
  'mtls bookinfo --from Web',
  `mtls bookinfo --from ${Array.from({ length: 21 }, (_, n) => `n${n}`).join(',')}`,
  'mtls bookinfo --frm web',
  'mtls bookinfo --',
  'mtls -n bookinfo',
  '--cluster prod',
  'help nonsense',
  'weather bookinfo',
  'mtls book\u200binfo',
  'mtls \u202ebookinfo',
  'mtls book\u0000info',
  'mtls book\ufeffinfo',
  `mtls ${'b '.repeat(2000)}`,
];

export const suggested: readonly (readonly [string, string])[] = [
  ['mtsl bookinfo', 'mtls bookinfo'],
  ['MTL bookinfo/reviews-v1', 'mtls bookinfo/reviews-v1'],
  ['trafic bookinfo --from web', 'traffic bookinfo --from web'],
  ['help mtsl', 'help mtls'],
];
