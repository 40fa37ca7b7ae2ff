import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { generated } from '../../scripts/generate.ts';
import { variables } from '../../src/environment.ts';

describe('generated files', () => {
  for (const [file, content] of generated()) {
    it(`${file} is current`, () => {
      assert.equal(readFileSync(file, 'utf8'), content, `${file} is stale. Run: npm run generate`);
    });
  }

  it('list every variable once', () => {
    const [, table = ''] =
      /<!-- generated[^>]*>([\s\S]*)<!-- end -->/.exec(readFileSync('docs/configuration.md', 'utf8')) ?? [];
    const listed = Array.from(table.matchAll(/^\| `([A-Z_]+)` \| .* \| .{10,} \|$/gm));
    assert.deepEqual(listed.map(([, name]) => name).toSorted(), variables.map(({ name }) => name).toSorted());
  });

  it('have a version that the image is tagged with', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    for (const folder of ['base', 'fixes/fixer']) {
      const { images } = parse(readFileSync(`deploy/${folder}/kustomization.yaml`, 'utf8'));
      assert.equal(images.find(({ name }: { name: string }) => name === 'meshbot').newTag, version, folder);
    }
  });
});
