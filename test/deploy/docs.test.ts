import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

/** As GitHub makes anchors of headings. */
function anchorsOf(file: string): readonly string[] {
  return Array.from(readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

describe('the pages', () => {
  for (const file of [...globSync('*.md'), ...globSync('docs/**/*.md')]) {
    const text = readFileSync(file, 'utf8');

    it(`${file} links to what is there`, () => {
      for (const [, link = ''] of text.matchAll(/\]\(([^)]+)\)/g)) {
        const [place = '', anchor] = link.split('#');
        const target = place === '' ? file : path.join(path.dirname(file), place);
        assert.ok(existsSync(target), link);
        if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), link);
      }
    });

    it(`${file} names files of deploy/ that are there`, () => {
      for (const [, place = ''] of text.matchAll(/\b(deploy\/[\w./-]*\w)/g)) {
        const made = place
          .replace(/secret\.yaml$/, 'secret.example.yaml')
          .replace(/overlays\/\w+\/policy\.yaml$/, 'fixes/policy.example.yaml');
        assert.ok(existsSync(made), place);
      }
      for (const [, component = ''] of text.matchAll(/components\/([a-z-]+)/g))
        assert.ok(existsSync(`deploy/components/${component}/kustomization.yaml`), component);
    });
  }
});
