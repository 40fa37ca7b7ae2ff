import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { stringify } from 'yaml';
import { documentsOf } from '../deploy/deploy-files.ts';
import type { Manifest, TestCluster } from './cluster.ts';

export interface Built {
  readonly overlay: 'kubernetes' | 'openshift';
  readonly components?: readonly string[];
  /** Instead of `meshbot`; objects outside namespaces get it as a suffix, so that installations do not meet. */
  readonly namespace?: string;
  /** More fields of the kustomization that stands on top: `images`, `patches`. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** What `kubectl apply -k` would apply: an overlay of `deploy/`, with components. */
export async function kustomize(
  cluster: TestCluster,
  { overlay, components = [], namespace, more }: Built,
): Promise<readonly Manifest[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'meshbot-kustomize-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const to = (place: string) => path.relative(dir, path.resolve('deploy', place));
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [to(`overlays/${overlay}`)],
    components: components.map((one) => to(`components/${one}`)),
    ...(namespace !== undefined && { namespace, nameSuffix: `-${namespace}` }),
    ...more,
  };
  writeFileSync(path.join(dir, 'kustomization.yaml'), stringify(kustomization));
  return documentsOf(await cluster.kubectl('kustomize', dir));
}
