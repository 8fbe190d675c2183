import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { bannedNames } from './banned-names.ts';

const FOLDER = 'packages/store-memory/src';

it.each([
  'utils.ts',
  'helpers.ts',
  'common.ts',
  'core.ts',
  'base.ts',
  'misc.spec.ts',
  'string-utils.ts',
  'shared/a.ts',
])('catches %s', async (name) => {
  expect(await findPlanted(bannedNames, { [`${FOLDER}/${name}`]: '' })).toEqual([
    expect.stringContaining('says nothing'),
  ]);
});

it('catches a package by its folder', async () => {
  const files = { 'packages/common/package.json': { name: '@mooring/common' }, 'packages/common/src/a.ts': '' };
  expect(await findPlanted(bannedNames, files)).toEqual([
    'packages/common/src/a.ts:1 "common" says nothing ("common")',
  ]);
});

it.each([
  ['class StoreImpl {}', 'ends in Impl'],
  ['export class SessionManager {}', 'ends in Manager'],
  ['export interface RowHelper {}', 'ends in Helper'],
  ['export interface IStore {}', 'has the prefix I'],
  ['export type IRow = string;', 'has the prefix I'],
  ['export class TokenService {}', 'is no Nest provider'],
])('catches %s', async (declaration, reason) => {
  const found = await findPlanted(bannedNames, { [`${FOLDER}/a.ts`]: `\n${declaration}\n` });
  expect(found).toEqual([expect.stringContaining(reason)]);
  expect(found[0]).toContain(`${FOLDER}/a.ts:2 `);
});

it.each([
  ['base-url.ts', ''],
  ['a.ts', 'export class Index {} interface IOError {} type IamTarget = 1; class Implicit {} class Manager1 {}'],
  ['a.ts', '@Injectable() export class QueryService {}'],
  ['a.ts', 'export interface AuthService {}'],
])('lets pass %s %s', async (name, text) => {
  expect(await findPlanted(bannedNames, { [`${FOLDER}/${name}`]: text })).toEqual([]);
});
