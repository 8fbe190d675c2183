import { expect, it } from '@jest/globals';
import { findPlanted, type Files } from '../planted-workspace.fixture.ts';
import { projectReferences } from './project-references.ts';

const find = (files: Files): Promise<readonly string[]> => findPlanted(projectReferences, files);
const FILE = 'packages/redshift-sessions/tsconfig.json';
const SPEC_FILE = 'packages/redshift-sessions/tsconfig.spec.json';

it('catches a missing and a needless reference', async () => {
  const found = await find({ [FILE]: { references: [{ path: '../store-memory' }] } });
  expect(found).toEqual([
    `${FILE}:1 the reference to packages/session-store is missing`,
    `${FILE}:1 the reference to packages/store-memory has no reason`,
  ]);
});

it('catches specs that do not see what they import, or themselves', async () => {
  expect(await find({ [SPEC_FILE]: { references: [{ path: '../store-memory/' }] } })).toEqual([
    `${SPEC_FILE}:1 the reference to packages/redshift-sessions is missing`,
    `${SPEC_FILE}:1 the reference to packages/session-store-testkit is missing`,
  ]);
  expect(await find({ [SPEC_FILE]: undefined })).toContain(`${SPEC_FILE}:1 specs are not type-checked: it is missing`);
});

it('catches a package that the root does not list, or lists in vain', async () => {
  const found = await find({ 'tsconfig.json': { references: [{ path: './packages/gone' }] } });
  expect(found).toContain('tsconfig.json:1 the reference to apps/query-api/tsconfig.json is missing');
  expect(found).toContain('tsconfig.json:1 the reference to packages/gone has no reason');
});

it('catches TypeScript without a tsconfig', async () => {
  const found = await find({ 'tools/bench/tsconfig.json': undefined });
  expect(found).toContain('tools/bench/tsconfig.json:1 the package has TypeScript but no tsconfig.json');
});
