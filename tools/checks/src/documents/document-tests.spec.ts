import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { documentTests } from './document-tests.ts';

const SPEC = 'packages/store-memory/src/ends.spec.ts';
const planted = (text: string) =>
  findPlanted(documentTests, { [SPEC]: "it('ends', () => {});\n", 'docs/a.md': `# A\n\n${text}\n` });

it.each([
  ['`packages/store-memory/src/gone.spec.ts`', 'there is no packages/store-memory/src/gone.spec.ts'],
  ['`gone.spec.ts`', 'there is no gone.spec.ts'],
  ['`ends.spec.ts`, `ends.spec.ts › begins`', 'ends.spec.ts has no test "begins"'],
])('catches %s', async (text, reason) => {
  const found = await planted(text);
  expect(found).toEqual([expect.stringContaining(reason)]);
  expect(found[0]).toContain('docs/a.md:3 ');
});

it.each([`\`${SPEC}\``, '`ends.spec.ts`', '`src/ends.spec.ts › ends`', 'begins.spec.ts in words', '`*.spec.ts`'])(
  'lets pass %s',
  async (text) => {
    expect(await planted(text)).toEqual([]);
  },
);
