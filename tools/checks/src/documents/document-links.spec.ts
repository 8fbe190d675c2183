import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { documentLinks } from './document-links.ts';

it.each([
  ['[a](gone.md)', 'there is no docs/gone.md'],
  ['[a](architecture.md#cellar)', 'has no heading for #cellar'],
  ['[a](#nowhere)', 'docs/a.md has no heading for #nowhere'],
  ['![plan](../plan.png)', 'there is no plan.png'],
  ['[a](../../../etc/passwd)', 'leads out of the repository'],
  ['[a](/docs/architecture.md)', 'from the root'],
  ['[a]: ../packages/gone/README.md', 'there is no packages/gone/README.md'],
])('catches %s', async (link, reason) => {
  const found = await findPlanted(documentLinks, { 'docs/a.md': `# A\n\n${link}\n` });
  expect(found).toEqual([expect.stringContaining(reason)]);
  expect(found[0]).toContain('docs/a.md:3 ');
});

it.each([
  '[a](architecture.md#rooms), [b](../packages/store-memory), [c](https://example.org/x), [d](#a-b-and-c)',
  '`[a](gone.md)`\n\n```md\n[a](gone.md)\n```\n',
])('lets pass %s', async (text) => {
  expect(await findPlanted(documentLinks, { 'docs/a.md': `# A\n\n## A B, and \`C\`!\n\n${text}\n` })).toEqual([]);
});
