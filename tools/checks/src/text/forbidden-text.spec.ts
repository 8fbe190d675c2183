import { describe, expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { forbiddenText } from './forbidden-text.ts';

const unfinished = ['TO', 'DO'].join('');
const toBeMended = ['FIX', 'ME'].join('');
const registry = ['registry', 'example.org'].join('.');

describe('forbidden text', () => {
  it.each([
    ['a registry', '.npmrc.md', `see https://${registry}/`, 'the host of a package registry'],
    ['a home folder', 'docs/a.md', 'cd /home/ann/mooring', 'a path of one machine'],
    ['a home folder', 'packages/store-memory/src/a.ts', "const dir = '/Users/ann/data';", 'a path of one machine'],
    ['a home folder', '.github/workflows/ci.yml', 'run: ls /root/clone', 'a path of one machine'],
    ['unfinished work', 'packages/store-memory/src/a.ts', `const a = 1; // ${unfinished}: two`, 'unfinished work'],
    ['unfinished work', 'docs/a.md', `<!-- ${unfinished} -->`, 'unfinished work'],
    ['unfinished work', '.ci/run', `# ${toBeMended}`, 'unfinished work'],
  ])('%s in %s is caught', async (_what, path, text, message) => {
    expect(await findPlanted(forbiddenText, { [path]: `one\n${text}\n` })).toEqual([
      `${path}:2 the line has ${message}`,
    ]);
  });

  it.each([
    ['packages/store-memory/src/a.spec.ts', "readConfig('/home/ann/state');"],
    ['docs/a.md', 'POST /v1/home/ann/x, https://example.org/root/x, `/root`, a registry of packages'],
    ['packages/store-memory/src/a.ts', `const label = '${unfinished.toLowerCase()} list';`],
  ])('%s: %s is fine', async (path, text) => {
    expect(await findPlanted(forbiddenText, { [path]: text })).toEqual([]);
  });

  it.each([
    ['/work/clone', 'see /work/clone/packages', ['a.spec.ts:1 the line has a path of this machine']],
    ['/work/clone', 'https://example.org/work/clone and packages/work/clone', []],
    ['/app', 'WORKDIR /app', []],
  ])('of a clone in %s, its place is caught anywhere: %s', async (root, text, found) => {
    const rule = {
      ...forbiddenText,
      inspect: (workspace: Parameters<typeof forbiddenText.inspect>[0]) =>
        forbiddenText.inspect({ ...workspace, root, texts: new Map([['a.spec.ts', text]]) }),
    };
    expect(await findPlanted(rule, {})).toEqual(found);
  });
});
