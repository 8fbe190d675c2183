import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { packageDocuments } from './package-documents.ts';

const README = 'packages/store-memory/README.md';

it('catches a package without README.md, or with that of another', async () => {
  expect(await findPlanted(packageDocuments, { [README]: undefined })).toEqual([
    `${README}:1 @mooring/store-memory has no README.md`,
  ]);
  expect(await findPlanted(packageDocuments, { [README]: '# @mooring/store-redis\n' })).toHaveLength(1);
});

it('catches a package that is not on the map, and a room that does not exist', async () => {
  const found = await findPlanted(packageDocuments, { 'docs/architecture.md': '# Map\n\n`packages/store-sqlite`\n' });
  expect(found).toContain('docs/architecture.md:1 packages/store-memory is not on the map');
  expect(found).toContain('docs/architecture.md:3 there is no packages/store-sqlite');
});
