import { expect, it } from '@jest/globals';
import { findPlanted, packageFiles, type Files } from '../planted-workspace.fixture.ts';
import { declaredDependencies } from './declared-dependencies.ts';

const find = (files: Files): Promise<readonly string[]> => findPlanted(declaredDependencies, files);

function domain(manifest: object): Files {
  return packageFiles('packages/redshift-sessions', 'domain', "export { Pool } from './pool.ts';\n", {
    dependencies: { '@mooring/session-store': '0.1.0', pg: '8.0.0' },
    devDependencies: { '@mooring/session-store-testkit': '0.1.0', '@mooring/store-memory': '0.1.0' },
    ...manifest,
  });
}

it('catches an import that only works because npm hoists', async () => {
  const found = await find({
    'apps/query-api/src/a.ts': "import 'node:fs';\nimport { Client } from 'pg/lib/client.js';\n",
  });
  expect(found).toEqual([
    expect.stringMatching(/^apps\/query-api\/src\/a\.ts:2 pg is not declared by @mooring\/query-api/),
  ]);
});

it('catches tools of the root in sources, and lets specs use them', async () => {
  const line = "import { expect } from '@jest/globals';\n";
  expect(await find({ 'tools/bench/src/a.ts': line })).toHaveLength(1);
  expect(await find({ 'tools/bench/src/a.spec.ts': line, 'tools/bench/src/a.fixture.ts': line })).toEqual([]);
});

it('catches a shipped import of a devDependency, except of types', async () => {
  const path = 'packages/redshift-sessions/src/a.ts';
  const found = await find({ [path]: "import { M } from '@mooring/store-memory';\n" });
  expect(found).toEqual([expect.stringContaining(`${path}:1 @mooring/store-memory is only a devDependency`)]);
  expect(await find({ [path]: "import { type M } from '@mooring/store-memory';\n" })).toEqual([]);
});

it('catches what is declared and never used', async () => {
  const found = await find(domain({ peerDependencies: { zod: '4.0.0' }, devDependencies: { '@types/koa': '1.0.0' } }));
  expect(found).toContainEqual(expect.stringMatching(/package\.json:\d+ zod is never imported/));
  expect(found).toContainEqual(expect.stringMatching(/package\.json:\d+ @types\/koa is never imported/));
});

it('catches a dependency that only specs use', async () => {
  const dependencies = { '@mooring/session-store': '0.1.0', pg: '8.0.0', '@mooring/store-memory': '0.1.0' };
  const devDependencies = { '@mooring/session-store-testkit': '0.1.0' };
  const found = await find(domain({ dependencies, devDependencies }));
  expect(found).toEqual([expect.stringContaining('@mooring/store-memory is used by specs only')]);
});

it('accepts what is loaded by name, with a reason, as a text, or as the peer of what is used', async () => {
  const files = domain({
    dependencies: { '@mooring/session-store': '0.1.0', pg: '8.0.0', fastify: '5.0.0', rxjs: '7.0.0', data: '1.0.0' },
    mooring: { loadedByName: { fastify: 'Nest loads it' } },
  });
  const more = {
    'packages/redshift-sessions/src/data.ts': "export const file = 'data/flights.csv';\n",
    'node_modules/pg/package.json': { name: 'pg', peerDependencies: { rxjs: '7' } },
  };
  expect(await find({ ...files, ...more })).toEqual([]);
  const unexplained = domain({ dependencies: { fastify: '5.0.0' }, mooring: { loadedByName: { fastify: ' ' } } });
  expect(await find(unexplained)).toContainEqual(expect.stringContaining('fastify is never imported'));
});

it('waits for a package that is still empty', async () => {
  expect(
    await find(packageFiles('tools/bench', 'tool', 'export {};\n', { dependencies: { pg: '8.0.0' } })),
  ).toHaveLength(1);
  const files = packageFiles('tools/bench', 'tool', 'export {};\n', { dependencies: { pg: '8.0.0' } });
  expect(await find({ ...files, 'tools/bench/src/public-api.spec.ts': undefined })).toEqual([]);
});
