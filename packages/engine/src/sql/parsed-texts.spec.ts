import { describe, expect, it } from '@jest/globals';
import { parseBatch } from './parse-batch.ts';
import { ParsedTexts } from './parsed-texts.ts';

const QUERY = 'select a from t where b = $1; delete from u';

describe('ParsedTexts', () => {
  it('parses a text once, to what nobody can change', () => {
    const texts = new ParsedTexts();
    const statements = texts.parse(QUERY);
    expect(statements).toEqual(parseBatch(QUERY));
    expect(texts.parse(QUERY)).toBe(statements);
    expect(texts.parse(`${QUERY} `)).not.toBe(statements);
    const [select] = statements as unknown as { references: { reads: unknown[] } }[];
    expect(() => select?.references.reads.push('x')).toThrow(TypeError);
  });

  it.each([
    "create user eve password 'secret'",
    'execute as user eve (select 1)',
    "select 1; alter user eve password 'secret'",
    `select '${'x'.repeat(5000)}'`,
  ])('does not keep %.30s', (sql) => {
    const texts = new ParsedTexts();
    expect(texts.parse(sql)).not.toBe(texts.parse(sql));
  });

  it('keeps those that were asked for last', () => {
    const texts = new ParsedTexts(2);
    const [one] = [texts.parse('select 1'), texts.parse('select 2')];
    expect(texts.parse('select 1')).toBe(one);
    texts.parse('select 3');
    expect(texts.parse('select 1')).toBe(one);
  });

  it('refuses what can not be read, each time', () => {
    const texts = new ParsedTexts();
    for (let round = 0; round < 2; round += 1) expect(() => texts.parse('select from from')).toThrow();
  });
});
