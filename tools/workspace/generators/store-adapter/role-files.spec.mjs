import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from '@jest/globals';
import { ROOT } from '../../command.mjs';

const TEMPLATES = join(ROOT, 'tools/workspace/generators/store-adapter/files/packages/store-__name__');
/** Adapters that are complete and talk to something. */
const ADAPTERS = ['postgres', 'redis', 'sqlite'];
/** Specs that need a server to break and processes to kill: they come when the store is there. */
const WITHOUT_TEMPLATE = ['src/faults.spec.ts', 'src/processes.spec.ts'];
/** Only what is not written needs it. */
const WITHOUT_COUNTERPART = ['src/unwritten.ts'];

function listFiles(folder, name) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !/(^|\/)(dist|dist-spec|node_modules)\//.test(path))
    .map((path) => path.replace(/\.template$/, '').replaceAll('__name__', 'NAME'))
    .map((path) => path.replace(new RegExp(`(?<=/)${name}-(?=[^/]+$)`), 'NAME-'))
    .sort();
}

const templates = listFiles(TEMPLATES, 'NAME');
const adapters = ADAPTERS.map((name) => listFiles(join(ROOT, 'packages', `store-${name}`), name));

it('a new adapter has every file that all adapters have', () => {
  const [first = [], ...others] = adapters;
  const shared = first.filter((path) => others.every((files) => files.includes(path)));
  expect(shared.length).toBeGreaterThan(15);
  expect(templates).toEqual(expect.arrayContaining(shared.filter((path) => !WITHOUT_TEMPLATE.includes(path))));
});

it('a new adapter has no file that no other adapter has', () => {
  const known = new Set(adapters.flat());
  expect(templates.filter((path) => !known.has(path))).toEqual(WITHOUT_COUNTERPART);
});

it('each adapter has its page', () => {
  for (const name of ADAPTERS)
    expect([name, existsSync(join(ROOT, 'docs/adapters', `${name}.md`))]).toEqual([name, true]);
});
