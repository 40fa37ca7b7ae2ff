import { stringify } from 'yaml';
import { describeFixTarget } from '../model/fix.ts';
import type { Plan } from '../model/remediation.ts';
import type { KubeObject } from '../model/sources.ts';
import { shortId } from './fix-card.ts';
import type { Attachment } from './slack.ts';
import { shorten } from './slack-message.ts';

/** Everything that a plan changes: the diff, and the object before and after. */
export function changeFile(plan: Plan): Attachment {
  const { change, fix, target, digest, id, diff, title } = plan;
  const content = [
    `# ${title}`,
    `# ${fix}, ${describeFixTarget(target)}, ${target.cluster}`,
    `# plan ${id}, digest ${digest}`,
    '',
    diff.trimEnd(),
    '',
    '# before',
    yamlOf(change.before).trimEnd(),
    '---',
    '# after',
    yamlOf(change.after),
  ].join('\n');
  return { name: `meshbot-plan-${shortId(plan)}.txt`, title: shorten(title, 200), content };
}

/** The object as people write it. */
export function yamlOf(object: KubeObject | null): string {
  return object === null ? '# it does not exist\n' : stringify(object, { lineWidth: 0 });
}
