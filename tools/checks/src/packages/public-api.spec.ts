import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { publicApi } from './public-api.ts';

const INDEX = 'packages/store-memory/src/index.ts';

const names = (count: number): string => Array.from({ length: count }, (_, n) => `n${n}`).join(', ');

it.each([
  ['export *', "export * from './memory-store.ts';\n"],
  ['export * as a name', "export * as store from './memory-store.ts';\n"],
  ['a default export', 'export default 7;\n'],
  ['a default export', "export { default } from './memory-store.ts';\n"],
  ['something else than a list of names', 'export const now = () => Date.now();\n'],
  ['something else than a list of names', "import './memory-store.ts';\n"],
  ['names without the file they come from', 'export { now };\n'],
])('catches %s', async (what, text) => {
  expect(await findPlanted(publicApi, { [INDEX]: `export { a } from './a.ts';\n${text}` })).toEqual([
    `${INDEX}:2 a public API has ${what}`,
  ]);
});

it('catches too many names, without counting types', async () => {
  const types = `export type { ${names(60)} } from './a.ts';\nexport { type A, type B } from './a.ts';\n`;
  expect(await findPlanted(publicApi, { [INDEX]: `${types}export { ${names(25)} } from './b.ts';\n` })).toEqual([]);
  expect(await findPlanted(publicApi, { [INDEX]: `${types}export { ${names(26)} } from './b.ts';\n` })).toEqual([
    `${INDEX}:1 26 exported names (types not counted), more than 25`,
  ]);
});

it('catches a public API that no spec pins, unless it is still empty', async () => {
  const spec = 'packages/store-memory/src/public-api.spec.ts';
  expect(await findPlanted(publicApi, { [spec]: undefined })).toEqual([`${spec}:1 no spec pins the public API`]);
  expect(await findPlanted(publicApi, { [spec]: undefined, [INDEX]: 'export {};\n' })).toEqual([]);
});

it('catches an entry whose sources are not there', async () => {
  expect(await findPlanted(publicApi, { [INDEX]: undefined })).toEqual([
    'packages/store-memory/package.json:1 "exports" has 1 entries, but only 0 of their source files exist',
  ]);
});
