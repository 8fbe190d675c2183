import { describe, expect, it } from '@jest/globals';
import { keysBeginningWith } from './key-range.ts';

const LAST = '\u{10ffff}';

describe('the keys that begin with a prefix', () => {
  it.each([
    ['sales\t', 'sales\u000a'],
    ['a', 'b'],
    ['%', '&'],
    ['\ud7ff', '\ue000'],
    ['\u{1f600}', '\u{1f601}'],
    [`a${LAST}`, 'b'],
    [LAST, undefined],
    ['', undefined],
  ])('%j end before %j', (prefix, until) => {
    expect(keysBeginningWith(prefix)).toEqual({ from: prefix, until });
  });
});
