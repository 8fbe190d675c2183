import { describe, expect, it } from '@jest/globals';
import { WarehouseError } from '../errors.ts';
import { MAX_SQL_BYTES, readSql } from './sql-text.ts';

function refusal(sql: string): WarehouseError {
  try {
    readSql(sql);
  } catch (error) {
    if (error instanceof WarehouseError) return error;
  }
  throw new Error('was accepted');
}

describe('readSql', () => {
  it('finds each parameter once, in order', () => {
    expect(readSql('select :a, :b, :a where x = :1').parameterNames).toEqual(['a', 'b', '1']);
  });

  it.each([
    ['casts', "select '1'::int"],
    ['texts', "select ':a', e'\\' :b'"],
    ['quoted names', 'select ":a" from t'],
    ['dollar quotes', 'select $$ :a $$, $x$ :b $x$'],
    ['comments', 'select 1 -- :a\n /* :b /* :c */ */'],
    ['array slices', 'select a[1:2] from t'],
    ['assignments', 'call p(x := 1)'],
  ])('sees no parameters in %s', (_, sql) => {
    expect(readSql(sql).parameterNames).toEqual([]);
  });

  it('reads names next to characters of several bytes', () => {
    expect(readSql("select 'äöü', :größe_1x is null, :id").parameterNames).toContain('id');
  });

  it.each(['', '   ', '-- nothing', '/* nothing */', ';', ' ; ; '])('refuses %j as empty', (sql) => {
    expect(refusal(sql)).toMatchObject({ code: 'invalid_statement', message: 'The SQL is empty.' });
  });

  it.each(['select 1; select 2', 'select 1;; drop table t', 'select 1; -- x\n call p()'])(
    'refuses several: %j',
    (sql) => {
      expect(refusal(sql).message).toContain('several statements');
    },
  );

  it.each(['select 1;', 'select 1 ;; -- done', "select ';'", 'select $$;$$', 'select 1 /* ; */'])('takes %j', (sql) => {
    expect(readSql(sql).sql).toBe(sql);
  });

  it.each(["select 'abc", 'select "abc', 'select /* abc', 'select $x$ abc'])('refuses the unclosed %j', (sql) => {
    expect(refusal(sql)).toMatchObject({ code: 'invalid_statement', message: expect.stringContaining('not closed') });
  });

  it('refuses U+0000, beyond which nothing would be read', () => {
    for (const sql of ['select 1\0; drop table t', "select 'a\0b'", '\0']) {
      expect(refusal(sql)).toMatchObject({ code: 'invalid_statement', details: { position: sql.indexOf('\0') } });
    }
  });

  it('refuses comments in comments that would take the lexer minutes', () => {
    const many = '/*'.repeat(5_000);
    expect(refusal(`select 1 ${many}`)).toMatchObject({ code: 'invalid_statement' });
    expect(refusal(`select 1 ${many}${'*/'.repeat(5_000)}`).message).toContain('32 comments');
    const banner = `/*${'='.repeat(500)}*/`;
    expect(
      readSql(`${banner} select ${'/*'.repeat(10)}${'*/'.repeat(10)} 1 ${`${banner}\n`.repeat(40)}`).tokens,
    ).toHaveLength(2);
  });

  it('counts bytes, not characters', () => {
    const text = 'ä'.repeat(MAX_SQL_BYTES / 2);
    expect(refusal(`select '${text}'`)).toMatchObject({
      code: 'invalid_statement',
      details: { bytes: MAX_SQL_BYTES + 9 },
    });
  });
});
