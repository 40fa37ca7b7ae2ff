import type { Change, Fix, FixRight, FixTarget } from '../model/fix.ts';
import type { Plan } from '../model/remediation.ts';

/** Whether a plan changes an object that its fix, asked for this target, may change at all, and in a way it may. */
export function isWithinRights({ rights, scope }: Fix, { target, change }: Plan): boolean {
  if (scope === 'object' && change.name !== target.name) return false;
  return isOneObject(change) && rights.some((right) => grants(right, change, target));
}

/** What is before, after, and named is one and the same thing. */
function isOneObject({ resource: { group, kind }, namespace, name, before, after, undo }: Change): boolean {
  return [before, after, undo].every(
    (object) =>
      object === null ||
      object === undefined ||
      (object.kind === kind &&
        object.apiVersion.split('/').slice(0, -1).join() === group &&
        object.metadata.namespace === namespace &&
        object.metadata.name === name),
  );
}

function grants({ verbs, resource, namespace, names }: FixRight, change: Change, target: FixTarget): boolean {
  const place = namespace === 'target' ? target.namespace : namespace;
  return (
    verbs.includes(verbOf(change)) &&
    resource.group === change.resource.group &&
    resource.plural === change.resource.plural &&
    place === change.namespace &&
    (names === undefined || names.includes(change.name))
  );
}

function verbOf({ before, after }: Change): FixRight['verbs'][number] {
  if (before === null) return 'create';
  return after === null ? 'delete' : 'patch';
}
