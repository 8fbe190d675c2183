import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { skippedTests } from './skipped-tests.ts';

const PATH = 'packages/store-memory/src/a.spec.ts';

it.each([
  "it.only('a', run);",
  "describe.only.each([1])('a', run);",
  "fit('a', run);",
  "test.concurrent.only('a', run);",
])('catches the focus in %s', async (line) => {
  expect(await findPlanted(skippedTests, { [PATH]: `\n${line}\n` })).toEqual([
    `${PATH}:2 a focused test keeps all others from running`,
  ]);
});

it.each(["it.skip('a', run);", "xdescribe('a', run);", "it.todo('a');", 'const maybe = ready ? it : it.skip;'])(
  'catches %s without a reason',
  async (line) => {
    expect(await findPlanted(skippedTests, { [PATH]: `\n\n${line}\n\n` })).toEqual([
      `${PATH}:3 a test is skipped without a written reason`,
    ]);
  },
);

it.each([
  "it.skip('a [optional: needs the AWS CLI]', run);",
  '// reason: looks at /proc\nconst onLinux = linux ? describe : describe.skip;',
  "const maybe = ready ? it : it.skip;\n\nmaybe('a [optional: needs root]', run);",
  'page.only(1); cursor.skip(10);',
])('lets pass %s', async (line) => {
  expect(await findPlanted(skippedTests, { [PATH]: line })).toEqual([]);
});
