import { execFile } from 'node:child_process';
import { accountOf, isAllowed } from '../../src/clients/kubernetes/access-review.ts';
import type { Connection } from '../../src/clients/kubernetes/connection.ts';
import { type Action, resourceName } from '../../src/clients/kubernetes/refusal.ts';
import type { Right } from '../../src/collectors/rights.ts';
import type { Manifest } from './cluster.ts';

export interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A service account, and a ClusterRole of its name with these rules that it is bound to. */
export function reader(name: string, namespace: string, rights: readonly Right[]): readonly Manifest[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const rules = rights.map(({ verb, resource: { group, plural }, names }) => ({
    apiGroups: [group],
    resources: [plural],
    verbs: [verb],
    ...(names !== undefined && { resourceNames: names }),
  }));
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion, kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}

/** Runs the command line. */
export function meshbot(...args: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli.ts', ...args], { maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

/** Whether somebody may do this, as the API server sees it when an admin asks. */
export function may(admin: Connection, user: string, action: Action): Promise<boolean> {
  return isAllowed(admin, action, { as: accountOf(user) });
}

export function actionOf({ verb, resource, names }: Right): Action {
  return { verb, resource, ...(names?.[0] !== undefined && { name: names[0] }) };
}

export function nameOf({ verb, resource }: Right): string {
  return `${verb} ${resourceName(resource)}`;
}
