import { expect, it } from '@jest/globals';
import { generateDecisionRecord } from './adr.mjs';

function generated(title, files = []) {
  const written = [];
  generateDecisionRecord({ children: () => files, write: (...file) => written.push(file) }, { title });
  return written;
}

it('begins the record after the last one, with the headings to fill in', () => {
  const files = ['0001-plain-packages.md', '0009-six-ports.md', 'README.md'];
  expect(generated('One lease, one holder', files)).toEqual([
    [
      'docs/adr/0010-one-lease-one-holder.md',
      '# 10. One lease, one holder\n\n## Context\n\n## Decision\n\n## Consequences\n',
    ],
  ]);
});

it('begins with number 1', () => {
  expect(generated(' "SQL" is read by a lexer! ')[0][0]).toBe('docs/adr/0001-sql-is-read-by-a-lexer.md');
});

it('refuses a title that leaves no name', () => {
  expect(() => generated('…')).toThrow('use some letters');
});
