import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, property } from 'fast-check';
import { loadModule, scanSync } from 'libpg-query';
import { EngineError } from '../../errors.ts';
import { lex, textOf } from './lexer.ts';
import type { LexedText } from './lexer.ts';
import { Places } from './places.ts';

await loadModule();

const lexed = (sql: string): LexedText => lex(sql, new Places(sql));
const values = (sql: string): string[] => lexed(sql).tokens.map(({ kind, value }) => `${kind} ${value}`);

function refusal(sql: string): EngineError {
  try {
    lexed(sql);
  } catch (error) {
    if (error instanceof EngineError) return error;
  }
  throw new Error('was accepted');
}

describe('lex', () => {
  it('folds words from A to Z, and nothing in quotes', () => {
    expect(values('SELECT Ärger "Ab""c"')).toEqual(['word select', 'word Ärger', 'quoted Ab"c']);
  });

  it('tells the kinds of constants', () => {
    expect(values(String.raw`'a''b' E'a\'b' $$c$$ $t$ $$ $t$ 1.5e-3 .5 $12`)).toEqual([
      "text 'a''b'",
      String.raw`text E'a\'b'`,
      'text $$c$$',
      'text $t$ $$ $t$',
      'number 1.5e-3',
      'number .5',
      'parameter $12',
    ]);
  });

  it('ends an operator where a comment begins, and a sign where it is one', () => {
    expect(values('a+/* - */-b=-1@-1--x')).toEqual([
      'word a',
      'operator +',
      'operator -',
      'word b',
      'operator =',
      'operator -',
      'number 1',
      'operator @-',
      'number 1',
    ]);
  });

  it('puts as many blanks as a comment is long', () => {
    const sql = "a /* 'x /* y */\n ; */ b -- c\r'd'";
    const { code } = lexed(sql);
    expect(code).toHaveLength(sql.length);
    expect(code.trim().split(/\s+/)).toEqual(['a', 'b', "'d'"]);
  });

  it.each([
    ["a 'b", 1, 3, 'text that begins here'],
    ["a\n  'b''", 2, 3, 'text that begins here'],
    [String.raw`E'b\'`, 1, 1, 'text that begins here'],
    ['a "b', 1, 3, 'name that begins here'],
    ['/* /* */', 1, 1, 'comment that begins here'],
    ['a\r\n$x$ b $y$', 2, 1, 'text that begins here'],
    ['""', 1, 1, 'empty'],
    ['a $ b', 1, 3, '$1'],
    ['1 0x1F', 1, 3, 'runs into a word'],
    ['1_000', 1, 1, 'runs into a word'],
    ["x'1f'", 1, 1, 'Bit strings'],
    ["E'a'\n'b\\'c'", 2, 1, 'follows another'],
    ['a \\ b', 1, 3, 'U+005C'],
    ['a \u00a0b', 1, 3, 'U+00A0'],
    ['a\u00a0b', 1, 2, 'U+00A0'],
    ['a\u200b', 1, 2, 'U+200B'],
    ['😀', 1, 1, 'U+1F600'],
    ['"a\u3000b"', 1, 1, 'U+3000'],
    ['"a\nb"', 1, 1, 'U+000A'],
    ['U&"a"', 1, 1, 'U&'],
    [String.raw`u&'\0061'`, 1, 1, 'U&'],
    ['x'.repeat(64), 1, 1, '64 bytes'],
    [`"${'ä'.repeat(32)}"`, 1, 1, '64 bytes'],
    ['+*'.repeat(32), 1, 1, '63 characters'],
  ])('refuses %j at line %d, column %d', (sql, line, column, problem) => {
    expect(refusal(sql)).toMatchObject({ line, column, message: expect.stringContaining(problem) });
  });

  it('takes names of 63 bytes, and emoji in quotes', () => {
    expect(values(`${'x'.repeat(63)} "😀"`)).toHaveLength(2);
  });

  it('sees the tokens that PostgreSQL sees', () => {
    const pieces = constantFrom(
      ...["'", "''", '"a"', '"', 'E', "e'", '\\', '$', '$$', '$a$', '$1', 'a', 'select', '_b$', 'ä', ' ', '\n', '\r'],
      ...['--', '/*', '*/', '-', '+', '*', '/', '@', '=', '<', '.', '..', ':', '::', ':=', ',', ';', '(', ']'],
      ...['1', '1.5', '2e3', '0', "X'1'", "B'", 'N'],
    );
    let compared = 0;
    assert(
      property(array(pieces, { maxLength: 14 }), (parts) => {
        const sql = parts.join('');
        const theirs = scanned(sql);
        if (theirs === undefined) return;
        compared += 1;
        const ours = lexed(sql).tokens.map(({ start, end }) => sql.slice(start, end));
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 10_000 },
    );
    expect(compared).toBeGreaterThan(2_000);
  });
});

/** Their tokens without comments; undefined of what either of us refuses. */
function scanned(sql: string): string[] | undefined {
  try {
    lexed(sql);
    const bytes = Buffer.from(sql);
    return scanSync(sql)
      .tokens.filter(({ tokenName }) => !tokenName.endsWith('COMMENT'))
      .map(({ start, end }) => bytes.subarray(start, end).toString());
  } catch {
    return undefined;
  }
}

describe('textOf', () => {
  it.each([
    ["'it''s'", "it's"],
    ["$$a'b$$", "a'b"],
    ['$t$$$$t$', '$$'],
    [String.raw`E'a\'b\n\x41\101\u00e4\\''c'`, "a'b\nAAä\\'c"],
    [String.raw`E'\Uffffffff'`, '\ufffd'],
  ])('reads %s', (sql, text) => {
    const [token] = lexed(sql).tokens;
    expect(token === undefined ? undefined : textOf(token)).toBe(text);
  });
});
