import { expect, it } from '@jest/globals';
import { findPlanted } from '../planted-workspace.fixture.ts';
import { decisionRecords } from './decision-records.ts';

const body = '## Context\n\nA\n\n## Decision\n\nB\n\n## Consequences\n\nC\n';

it.each([
  ['a gap', '0003-gap.md', `# 3. Gap\n\n${body}`, 'number 3 where 2 comes next'],
  ['a repeated number', '0001-twice.md', `# 1. Twice\n\n${body}`, 'number 1 where 2 comes next'],
  [
    'a missing section',
    '0002-a.md',
    '# 2. A\n\n## Context\n\nA\n\n## Decision\n\nB\n',
    'the sections are Context, Decision',
  ],
  ['another order', '0002-a.md', `# 2. A\n\n## Decision\n\nB\n\n${body}`, 'the sections are Decision, Context'],
  ['an empty section', '0002-a.md', `# 2. A\n\n${body.replace('B', '')}`, '"Decision" is empty'],
  ['a title without number', '0002-a.md', `# A\n\n${body}`, 'the title does not have its number'],
  ['a name without number', 'notes.md', `# Notes\n\n${body}`, 'is no name of a decision record'],
])('catches %s', async (_what, name, text, message) => {
  expect(await findPlanted(decisionRecords, { [`docs/adr/${name}`]: text })).toEqual([
    expect.stringContaining(message),
  ]);
});

it('lets further sections pass', async () => {
  expect(await findPlanted(decisionRecords, { 'docs/adr/0002-a.md': `# 2. A\n\n${body}\n## Sources\n\nD\n` })).toEqual(
    [],
  );
});
