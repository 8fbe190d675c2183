import { describe, expect, it } from '@jest/globals';
import { findPlanted, type Files } from '../planted-workspace.fixture.ts';
import { allowedImports } from './allowed-imports.ts';

const find = (files: Files): Promise<readonly string[]> => findPlanted(allowedImports, files);
const planted = (path: string, line: string): Promise<readonly string[]> => find({ [path]: `${line}\n` });

describe('imports between types of packages', () => {
  it.each([
    ['a contract that imports a domain', 'packages/session-store/src/a.ts', "import '@mooring/redshift-sessions';"],
    ['a contract with a dependency', 'packages/session-store/src/a.ts', "import { z } from 'zod';"],
    ['a domain that imports an adapter', 'packages/redshift-sessions/src/a.ts', "import '@mooring/store-memory';"],
    ['the same as a type', 'packages/redshift-sessions/src/a.ts', "import type { M } from '@mooring/store-memory';"],
    ['the same on demand', 'packages/redshift-sessions/src/a.ts', "const m = await import('@mooring/store-memory');"],
    ['the same in a type', 'packages/redshift-sessions/src/a.ts', "type M = import('@mooring/store-memory').M;"],
    ['the same by export', 'packages/redshift-sessions/src/a.ts', "export { M } from '@mooring/store-memory';"],
    ['the same by require', 'packages/redshift-sessions/src/a.mjs', "const m = require('@mooring/store-memory');"],
    ['a domain that imports Nest', 'packages/redshift-sessions/src/a.ts', "import { Module } from '@nestjs/common';"],
    ['sources that import the testkit', 'packages/store-memory/src/a.ts', "import '@mooring/session-store-testkit';"],
    ['an app that imports a store', 'apps/query-api/src/a.ts', "import { M } from '@mooring/store-memory';"],
    ['an app that imports a tool', 'apps/query-api/src/a.ts', "import '@mooring/bench';"],
    ['a spec that imports an app', 'packages/store-memory/src/a.spec.ts', "import '@mooring/query-api';"],
    ['a store loaded eagerly', 'packages/nest-session-store/src/a.ts', "import { M } from '@mooring/store-memory';"],
    [
      'a deep import',
      'packages/redshift-sessions/src/a.ts',
      "import { S } from '@mooring/session-store/src/session.ts';",
    ],
    [
      'an import out of the package',
      'packages/redshift-sessions/src/a.ts',
      "import '../../session-store/src/session.ts';",
    ],
    ['sources that import a spec', 'packages/redshift-sessions/src/a.ts', "import './pool.spec.ts';"],
    ['sources that import a fixture', 'packages/redshift-sessions/src/a.ts', "import './pool.fixture.ts';"],
    ['an import that nobody can read', 'packages/redshift-sessions/src/a.ts', 'await import(`./${name}.ts`);'],
  ])('%s is caught', async (_name, path, line) => {
    const found = await planted(path, line);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${path}:1 `));
  });

  it.each([
    [
      'a spec that imports the testkit',
      'packages/store-memory/src/a.spec.ts',
      "import '@mooring/session-store-testkit';",
    ],
    ['a fixture that imports a tool', 'packages/store-memory/src/a.fixture.ts', "import '@mooring/bench';"],
    ['a tool that imports an app', 'tools/bench/src/a.ts', "import '@mooring/query-api';"],
    [
      'a store as a type for the loader',
      'packages/nest-session-store/src/a.ts',
      "import type { M } from '@mooring/store-memory';",
    ],
    ['the Jest preset', 'packages/store-memory/jest.config.mjs', "export { default } from '../../jest.preset.mjs';"],
    [
      'text that looks like an import',
      'packages/store-memory/src/a.ts',
      'const a = "import \'@mooring/bench\'"; // import x',
    ],
  ])('%s is fine', async (_name, path, line) => {
    expect(await planted(path, line)).toEqual([]);
  });

  it('needs one known type', async () => {
    const manifest = { name: '@mooring/bench', nx: { tags: ['type:toy'] } };
    expect(await find({ 'tools/bench/package.json': manifest })).toEqual([
      expect.stringContaining('tools/bench/package.json:1 @mooring/bench needs exactly one tag'),
    ]);
    const both = { name: '@mooring/bench', nx: { tags: ['type:tool', 'type:app'] } };
    expect(await find({ 'tools/bench/package.json': both })).toHaveLength(1);
  });
});
