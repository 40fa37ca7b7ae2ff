import type { Policy } from '../../model/policy.ts';

/** Name of the ClusterRole and of its binding, as in deploy/fixes/impersonation. */
const name = 'meshbot-impersonation';

/** The fixer asks whether they may, before anything is tried. */
const asking = { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] };

/**
 * The rights to write as exactly those people that the policy maps, and as members of exactly their groups. Nothing
 * where it maps nobody: a rule without names would be for everybody.
 */
export function impersonationRole(
  { people }: Pick<Policy, 'people'>,
  account: { readonly namespace: string; readonly name: string },
): readonly object[] {
  const mapped = Object.values(people);
  const users = mapped.map(({ user }) => user);
  const groups = mapped.flatMap((one) => one.groups);
  if (users.length === 0) return [];
  const metadata = { name, labels: { 'app.kubernetes.io/part-of': 'meshbot' } };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  return [
    {
      apiVersion,
      kind: 'ClusterRole',
      metadata,
      rules: [...ruleFor('users', users), ...ruleFor('groups', groups), asking],
    },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
  ];
}

function ruleFor(resource: 'users' | 'groups', names: readonly string[]): readonly object[] {
  const resourceNames = [...new Set(names)].toSorted();
  return names.length === 0 ? [] : [{ apiGroups: [''], resources: [resource], resourceNames, verbs: ['impersonate'] }];
}
