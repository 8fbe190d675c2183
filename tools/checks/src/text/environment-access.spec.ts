import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { environmentAccess } from './environment-access.ts';

it.each([
  ['packages/store-memory/src/config.ts', "const a = process.env['A'];"],
  ['packages/store-memory/src/a.ts', 'const { A } = process.env;'],
  ['apps/query-api/src/a.ts', 'const a = process.env.A;'],
  ['apps/query-api/src/a.ts', "import { env } from 'node:process';"],
])('catches %s: %s', async (path, line) => {
  expect(await findPlanted(environmentAccess, { [path]: `\n${line}\n` })).toEqual([
    `${path}:2 process.env is read here`,
  ]);
});

it.each([
  ['apps/query-api/src/main.ts', 'start(process.env);'],
  ['tools/bench/src/config.ts', "const a = process.env['A'];"],
  ['packages/store-memory/src/a.spec.ts', 'spawn({ env: process.env });'],
  ['packages/store-memory/src/a.ts', '// process.env is not read\nconst text = "process.env";'],
])('lets pass %s: %s', async (path, line) => {
  expect(await findPlanted(environmentAccess, { [path]: line })).toEqual([]);
});
