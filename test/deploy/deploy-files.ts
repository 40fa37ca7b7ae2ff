import { globSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

/** A Kubernetes object as `deploy/` writes it. */
// biome-ignore lint/suspicious/noExplicitAny: manifests are looked into at any depth, and a missing field fails the test
export type DeployObject = any;

/** Every YAML file below `deploy/`, with its documents. A document that cannot be parsed throws. */
export function deployFiles(): ReadonlyMap<string, readonly DeployObject[]> {
  return new Map(
    globSync('deploy/**/*.{yaml,yml}')
      .toSorted()
      .map((file) => [file, documentsOf(readFileSync(file, 'utf8'))]),
  );
}

export function documentsOf(text: string): readonly DeployObject[] {
  return parseAllDocuments(text, { uniqueKeys: true }).map((document) => {
    const [error] = [...document.errors, ...document.warnings];
    if (error !== undefined) throw error;
    return document.toJS();
  });
}

/** All objects in `deploy/`: what is no object of Kubernetes is left out. */
export function deployObjects(): readonly DeployObject[] {
  return [...deployFiles()]
    .filter(([file]) => !/(kustomization|slack-manifest|policy\.example)\.yaml$/.test(file))
    .flatMap(([, objects]) => objects);
}
