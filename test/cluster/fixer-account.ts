import { readFileSync } from 'node:fs';
import { after } from 'node:test';
import { liveCluster } from '../../src/clients/kubernetes/live-cluster.ts';
import { clusterWriter } from '../../src/clients/kubernetes/write.ts';
import type { ClusterWriter } from '../../src/model/writer.ts';
import { documentsOf } from '../deploy/deploy-files.ts';
import type { Manifest, TestCluster } from './cluster.ts';

const apiGroup = 'rbac.authorization.k8s.io';
const apiVersion = `${apiGroup}/v1`;

export interface ServiceAccount {
  readonly name: string;
  readonly namespace: string;
}

/** The Role of a file below `deploy/`, bound in a namespace to this service account instead of the one of an installation. */
export function boundTo(file: string, namespace: string, account: ServiceAccount): readonly Manifest[] {
  const subjects = [{ kind: 'ServiceAccount', ...account }];
  return documentsOf(readFileSync(file, 'utf8')).map((one) => ({
    ...one,
    metadata: { ...one.metadata, namespace },
    ...(one.kind === 'RoleBinding' && { subjects }),
  }));
}

/** The generated Role of a fix, bound in a namespace to a service account of that namespace: it may that and no more. */
export function boundFix(fix: string, namespace: string): readonly Manifest[] {
  const account = { name: 'fixer', namespace };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    ...boundTo(`deploy/fixes/${fix}/role.yaml`, namespace, account),
  ];
}

/** Lets the service account `fixer` of a namespace read the ConfigMap `freeze` there. */
export function mayReadFreeze(namespace: string): readonly Manifest[] {
  const rules = [{ apiGroups: [''], resources: ['configmaps'], resourceNames: ['freeze'], verbs: ['get'] }];
  const subjects = [{ kind: 'ServiceAccount', name: 'fixer', namespace }];
  return bound('Role', { name: 'freeze', namespace }, rules, subjects);
}

/** Lets it act as this user, and ask about others. */
export function mayBe(user: string, namespace: string): readonly Manifest[] {
  const rules = [
    { apiGroups: [''], resources: ['users'], resourceNames: [user], verbs: ['impersonate'] },
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ];
  const subjects = [{ kind: 'ServiceAccount', name: 'fixer', namespace }];
  return bound('ClusterRole', { name: `impersonation-${namespace}` }, rules, subjects);
}

/** Lets a person change PeerAuthentications of a namespace. */
export function mayWritePolicies(user: string, namespace: string): readonly Manifest[] {
  const rules = [{ apiGroups: ['security.istio.io'], resources: ['peerauthentications'], verbs: ['create', 'patch'] }];
  return bound('Role', { name: 'ana', namespace }, rules, [{ apiGroup, kind: 'User', name: user }]);
}

function bound(
  kind: 'Role' | 'ClusterRole',
  metadata: Manifest['metadata'],
  rules: unknown,
  subjects: unknown,
): readonly Manifest[] {
  const roleRef = { apiGroup, kind, name: metadata.name };
  return [
    { apiVersion, kind, metadata, rules },
    { apiVersion, kind: `${kind}Binding`, metadata, roleRef, subjects },
  ];
}

/** A writer as the service account `fixer` of a namespace, or as an admin where none is given. */
export async function writerOf(cluster: TestCluster, namespace?: string): Promise<ClusterWriter> {
  const token = async (of: string) => (await cluster.kubectl('create', 'token', 'fixer', '-n', of)).trim();
  const kubeconfig =
    namespace === undefined ? cluster.kubeconfig : await cluster.kubeconfigWith(await token(namespace));
  const live = await liveCluster({ kubeconfig, name: 'test' });
  after(() => live.close());
  return clusterWriter(live, namespace === undefined ? {} : { freeze: { namespace, name: 'freeze' } });
}
