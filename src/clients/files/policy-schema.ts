import { z } from 'zod';
import { everyone } from '../../model/policy.ts';
import { mostNamespaces, mostSchedules } from '../../model/schedule.ts';
import {
  clusterAmong,
  days,
  fixAmong,
  kubernetesName,
  mapping,
  namePattern,
  newRole,
  plainName,
  roleAmong,
  slackChannel,
  slackChannelOrAny,
  slackGroup,
  slackUser,
  timeOfDay,
  timeZone,
  timing,
  topicAmong,
} from './policy-fields.ts';

/** What there is to refer to. */
export interface Names {
  readonly roles: readonly string[];
  readonly fixes: readonly string[];
  /** Absent: any will do. */
  readonly topics?: readonly string[];
  /** Absent: any will do. */
  readonly clusters?: readonly string[];
}

const anything = z.array(namePattern).min(1).default(['*']);
const minutes = z.int().min(1).max(1_440);

export const roleSchema = mapping({
  users: z.array(slackUser).default([]),
  groups: z.array(slackGroup).default([]),
}).refine(({ users, groups }) => users.length + groups.length > 0, 'has nobody in it. Give it `users` or `groups`.');

export const peopleSchema = z.record(
  slackUser,
  mapping({ user: kubernetesName, groups: z.array(kubernetesName).default([]) }),
);

const windowSchema = mapping({ days, from: timeOfDay, to: timeOfDay, timeZone }).refine(
  ({ from, to }) => from !== to,
  "is empty. For whole days write from: '00:00' and to: '24:00'.",
);

export function fixRuleSchema(names: Names) {
  const role = roleAmong(names.roles);
  return mapping({
    fixes: z.array(fixAmong(names.fixes)).min(1),
    clusters: anything,
    namespaces: anything,
    request: z.array(role).min(1).default([everyone]),
    approve: z.array(role).min(1),
    approvals: z.int().min(1).max(10).default(1),
    selfApproval: z.boolean().default(false),
    expiresMinutes: minutes.default(30),
    windows: z.array(windowSchema).default([]),
    breakGlass: mapping({ roles: z.array(role).min(1), expiresMinutes: minutes.default(10) }).exactOptional(),
  });
}

function lookRuleSchema(names: Names) {
  return mapping({
    roles: z.array(roleAmong(names.roles)).min(1).default([everyone]),
    clusters: anything,
    namespaces: anything,
    channels: z.array(slackChannelOrAny).min(1).default(['*']),
  });
}

function digestSchema(names: Names) {
  return mapping({
    schedule: timing,
    namespaces: z.array(plainName).min(1).max(mostNamespaces),
    topics: z.array(topicAmong(names.topics)).min(1).exactOptional(),
    channel: slackChannel,
    cluster: clusterAmong(names.clusters).exactOptional(),
  });
}

export function policySchema(names: Names) {
  const role = roleAmong(names.roles);
  return mapping({
    version: z.literal(1),
    roles: z.record(newRole, roleSchema).default({}),
    people: peopleSchema.default({}),
    fixes: z.array(fixRuleSchema(names)).default([]),
    freeze: mapping({
      freeze: z.array(role).min(1).default([everyone]),
      unfreeze: z.array(role).min(1).exactOptional(),
    }).default({ freeze: [everyone] }),
    look: z.array(lookRuleSchema(names)).exactOptional(),
    digests: z.array(digestSchema(names)).max(mostSchedules).default([]),
  });
}
