import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { documentCommands } from './document-commands.ts';

it.each([
  'Run `npm run bogus`.',
  'Run `npm run build -w @mooring/query-api`, then wait.',
  'Run `npm run test -w @mooring/gone`.',
  '```sh\nnpx bogus --port 1\n```',
  'Run `node tools/bench/dist/gone.js`.',
])('catches %s', async (text) => {
  expect(await findPlanted(documentCommands, { 'docs/a.md': text })).toEqual([
    expect.stringContaining('does not work'),
  ]);
});

it.each([
  'Run `npm start`, `npm test -- --help`, `npm run build`, `npm run test -w @mooring/query-api`; it runs npx a lot.',
  '```sh\n$ npx nx graph\nnpx tsc -b\nnode tools/bench/dist/index.js\nnpm install\n```',
])('lets pass %s', async (text) => {
  expect(await findPlanted(documentCommands, { 'docs/a.md': text })).toEqual([]);
});

it('knows the scripts of the package that a README belongs to', async () => {
  const readme = { 'apps/query-api/README.md': '# @mooring/query-api\n\n`npm run docs`, `npx query`\n' };
  expect(await findPlanted(documentCommands, readme)).toHaveLength(2);
  const manifest = { name: '@mooring/query-api', scripts: { docs: 'x' }, bin: { query: './q.js' } };
  expect(await findPlanted(documentCommands, { ...readme, 'apps/query-api/package.json': manifest })).toEqual([]);
});
