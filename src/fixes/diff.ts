import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { stringify } from 'yaml';
import { redact } from '../model/redact.ts';
import type { KubeObject } from '../model/sources.ts';
import { bare, planAnnotation, undoAnnotation } from './content.ts';

/**
 * A change as a unified diff of YAML, without what the API server keeps. `null`: there is no object. It is for people to
 * read, so secrets are taken out: later, the few lines around a change may not show that they are of one.
 */
export function diffOf(before: KubeObject | null, after: KubeObject | null): string {
  const [old, now] = [before, after].map((one) => (one === null ? '' : redact(yaml(readable(one)))));
  const patch = createTwoFilesPatch('before', 'after', old ?? '', now ?? '', undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch.trimEnd();
}

/** An object as one would commit it to a repository. */
export function manifestOf(object: KubeObject): string {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return yaml(readable({ ...object, metadata }, [planAnnotation, undoAnnotation, 'argocd.argoproj.io/tracking-id']));
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

function readable(object: KubeObject, without: readonly string[] = []): KubeObject {
  const { metadata, ...rest } = bare(object);
  const { uid, resourceVersion, creationTimestamp, annotations = {}, ...kept } = metadata;
  const hidden = new Set([lastApplied, ...without]);
  const shown = Object.entries(annotations).filter(([key]) => !hidden.has(key));
  const { apiVersion, kind, ...fields } = rest;
  return {
    apiVersion,
    kind,
    metadata: { ...kept, ...(shown.length > 0 && { annotations: Object.fromEntries(shown) }) },
    ...fields,
  };
}

function yaml(object: KubeObject): string {
  return stringify(object, { lineWidth: 0 });
}
