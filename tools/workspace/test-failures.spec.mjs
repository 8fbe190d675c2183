import { expect, it } from '@jest/globals';
import { describeFailures } from './test-failures.mjs';

function failure(name, message = []) {
  return { project: '@clone/one', file: 'src/a.spec.ts', name, message };
}

it('says nothing when nothing failed', () => {
  expect(describeFailures([])).toEqual([]);
});

it('tells the messages first and the names last', () => {
  const silent = { project: '@clone/two', file: '', name: '(no tests ran)', message: [] };
  expect(describeFailures([failure('revokes', ['Error: expected 1', 'but it was 2']), silent])).toEqual([
    '@clone/one › src/a.spec.ts › revokes',
    '    Error: expected 1',
    '    but it was 2',
    '@clone/two › (no tests ran)',
    '',
    'failed:',
    '  @clone/one › src/a.spec.ts › revokes',
    '  @clone/two › (no tests ran)',
  ]);
});

it('lists 25 and counts the rest', () => {
  const lines = describeFailures(Array.from({ length: 28 }, (_, index) => failure(`test ${index}`)));
  expect(lines.filter((line) => line.startsWith('  @clone/one'))).toHaveLength(25);
  expect(lines.at(-1)).toBe('  and 3 more');
});
