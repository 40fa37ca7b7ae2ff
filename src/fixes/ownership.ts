import { describeRef } from '../model/finding.ts';
import type { Refusal } from '../model/fix.ts';
import type { KubeObject } from '../model/sources.ts';
import { manifestOf } from './diff.ts';

/** Who keeps objects as a repository or another object says, and how to tell. */
interface Owner {
  readonly name: string;
  /** Where the change belongs instead. */
  readonly place: string;
  /** There, the object itself can be committed. */
  readonly isRepository: boolean;
  /** Beginnings of the keys of labels and annotations. */
  readonly marks: readonly string[];
  /** Of managedFields. */
  readonly managers: RegExp;
}

const owners: readonly Owner[] = [
  {
    name: 'Argo CD',
    place: 'the repository of its Application',
    isRepository: true,
    marks: ['argocd.argoproj.io/instance', 'argocd.argoproj.io/tracking-id'],
    managers: /^argocd/,
  },
  {
    name: 'Flux',
    place: 'the repository that Flux follows',
    isRepository: true,
    marks: ['kustomize.toolkit.fluxcd.io/', 'helm.toolkit.fluxcd.io/'],
    managers: /^(kustomize|helm)-controller$/,
  },
  {
    name: 'Advanced Cluster Management',
    place: 'its policy or subscription on the hub',
    isRepository: true,
    marks: ['policy.open-cluster-management.io/', 'apps.open-cluster-management.io/'],
    managers: /^(config-policy-controller|multicluster-operators-subscription|work-agent|klusterlet-work-agent)/,
  },
  {
    name: 'Fleet',
    place: 'the repository that Fleet follows',
    isRepository: true,
    marks: ['objectset.rio.cattle.io/'],
    managers: /^fleetagent/,
  },
  {
    name: 'Config Sync',
    place: 'its repository',
    isRepository: true,
    marks: ['configmanagement.gke.io/managed', 'configsync.gke.io/'],
    managers: /^configsync/,
  },
  {
    name: 'kapp',
    place: 'the files of its app',
    isRepository: true,
    marks: ['kapp.k14s.io/'],
    managers: /^kapp(-controller)?$/,
  },
  {
    name: 'Terraform',
    place: 'its configuration',
    isRepository: true,
    marks: [],
    managers: /^Terraform$/i,
  },
  {
    name: 'the ServiceMeshControlPlane',
    place: 'the ServiceMeshControlPlane',
    isRepository: false,
    marks: ['maistra.io/owner'],
    managers: /^maistra-istio-operator/,
  },
  {
    name: 'the Sail operator',
    place: 'the Istio resource',
    isRepository: false,
    marks: ['operator.istio.io/', 'sailoperator.io/'],
    managers: /^sail-operator/,
  },
];

/**
 * Why an object is not ours to change: something keeps it as it is declared elsewhere, and would turn a change back.
 * Absent: nobody is known to. `after` is what it was to become.
 */
export function ownedElsewhere(object: KubeObject, after: KubeObject): Refusal | undefined {
  const { ownerReferences = [], ...named } = object.metadata;
  const what = describeRef({ kind: object.kind, ...named });
  const owner = owners.find((one) => isOwnedBy(object, one));
  if (owner !== undefined) {
    return {
      refused: `${what} belongs to ${owner.name}, which would turn the change back.`,
      next: `Make the change in ${owner.place}.`,
      ...(owner.isRepository && { manifest: manifestOf(after) }),
    };
  }
  const controller = ownerReferences.find((one) => one.controller === true);
  if (controller === undefined) return undefined;
  return {
    refused: `${what} is made by ${controller.kind} ${controller.name}, which would turn the change back.`,
    next: `Make the change in ${controller.kind} ${controller.name}.`,
  };
}

function isOwnedBy({ metadata }: KubeObject, { marks, managers }: Owner): boolean {
  const keys = [...Object.keys(metadata.labels ?? {}), ...Object.keys(metadata.annotations ?? {})];
  return (
    keys.some((key) => marks.some((mark) => key.startsWith(mark))) ||
    (metadata.managedFields ?? []).some(({ manager = '' }) => managers.test(manager))
  );
}

/** Who may turn the change back one day: not a reason against it, but the approver should know. */
export function ownershipDoubts({ metadata }: KubeObject): readonly string[] {
  const { labels = {}, annotations = {} } = metadata;
  if (labels['app.kubernetes.io/managed-by'] === 'Helm' || annotations['meta.helm.sh/release-name'] !== undefined) {
    const release = annotations['meta.helm.sh/release-name'];
    const whose = release === undefined ? 'It was installed by Helm' : `It is of the Helm release ${release}`;
    return [`${whose}: the next upgrade may turn this back, unless the chart or its values are changed too.`];
  }
  if (annotations['kubectl.kubernetes.io/last-applied-configuration'] === undefined) return [];
  return ['It was written with kubectl apply: whoever applies the old file again turns this back.'];
}
