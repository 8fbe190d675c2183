import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { array, assert, constantFrom, integer, oneof, property, string, tuple, uint8Array } from 'fast-check';
import { EngineError } from '../errors.ts';
import { SQL_LIMITS } from './limits.ts';
import { parseBatch } from './parse-batch.ts';
import { only, readsOf, referencesOf, refusal } from './sql.fixture.ts';

const kinds = (sql: string): string[] => parseBatch(sql).map(({ kind }) => kind);

/** One of each kind that is written easily, with what could be mistaken for another. */
const STATEMENTS = [
  'select 1',
  "select ';', 'drop table t'",
  'select $$ ; $$, "a;b" from t',
  'select (1) /* ; */',
  "insert into t values ('a;b', $1)",
  'with a as (select 1) delete from t where x in (table a)',
  "create user eve password 'a;b'",
  "execute as user 'eve' (select ';' ; )",
  'create table t (a int, b text)',
  'begin',
  'use sales',
  'show tables',
  String.raw`select E'\';'`,
];

/** What must never change a statement's class: it is within quotes or a comment. */
const WITHIN = constantFrom(
  ...[
    'drop table t',
    ';',
    'select',
    'delete from t',
    'union all select',
    '--',
    '/*',
    'into x',
    'pg_',
    "'",
    '"',
    '$$',
    '*/',
  ],
);

describe('parseBatch', () => {
  it('finds statements, where each begins and what it says', () => {
    const sql = "  select 1 -- a ; b\n;;\r\n/* c; */ Delete\nfrom t -- d\n where 'é' = 'ü' ;\tshow tables; ";
    expect(parseBatch(sql)).toMatchObject([
      { kind: 'select', text: 'select 1', offset: 2, line: 1, column: 3 },
      { kind: 'delete', text: "Delete\nfrom t     \n where 'é' = 'ü'", offset: 33, line: 3, column: 10 },
      { kind: 'show_tables', text: 'show tables', line: 5, column: 20 },
    ]);
  });

  it.each(['', ' ', ';', ' ;\n; ', '-- select 1', '/* select 1 */;'])('finds none in %j', (sql) => {
    expect(parseBatch(sql)).toEqual([]);
  });

  it('splits what was joined', () => {
    const separators = constantFrom(';', ' ; ', ';\n-- c ; d\n', '\n;;/* ; */', ";\r\n-- '\r\n");
    assert(
      property(array(tuple(constantFrom(...STATEMENTS), separators), { maxLength: 20 }), (parts) => {
        const sql = parts.map(([statement, separator]) => statement + separator).join('');
        const statements = parseBatch(sql);
        expect(statements.map(({ kind }) => kind)).toEqual(parts.map(([statement]) => only(statement).kind));
        for (const [index, { offset, text }] of statements.entries()) {
          expect(sql.startsWith(parts[index]?.[0] ?? '', offset)).toBe(true);
          expect(text).toBe(only(parts[index]?.[0] ?? '').text);
        }
      }),
    );
  });

  it('is not fooled by what stands in texts, comments and quoted names', () => {
    assert(
      property(array(WITHIN, { minLength: 1, maxLength: 5 }), (parts) => {
        const within = parts.join(' ');
        const text = `'${within.replaceAll("'", "''")}'`;
        const name = `"${within.slice(0, 60).replaceAll('"', '""')}"`;
        const comment = `/* ${within.replaceAll(/\*\/|\/\*/g, '')} */`;
        const sql = `select ${text} as ${name} ${comment} from a -- ${within}\nwhere b = ${text}`;
        expect(kinds(sql)).toEqual(['select']);
        expect(referencesOf(sql)).toEqual({
          reads: [{ namespace: undefined, name: 'a' }],
          writes: [],
          functions: [],
          parameterCount: 0,
        });
        expect(kinds(`delete from ${name} where ${comment} true`)).toEqual(['delete']);
      }),
    );
  });

  it('answers anything with statements or an EngineError', () => {
    const bytes = uint8Array({ maxLength: 60 }).map((content) => Buffer.from(content).toString('latin1'));
    const words = array(
      constantFrom(
        ...['select', 'from', 'with', 'a', 'as', '(', ')', ',', ';', "'", '"', '1', '$1', '*', 'union', 'case', 'end'],
        ...[
          'create',
          'table',
          'user',
          'password',
          'insert',
          'into',
          'values',
          'execute',
          'set',
          '=',
          'drop',
          'if',
          'exists',
        ],
        ...[
          'join',
          'on',
          'alter',
          'grant',
          'to',
          'explain',
          'merge',
          '$$',
          '--',
          '\n',
          '/*',
          '*/',
          '.',
          '::',
          '[',
          ']',
          '\ud800',
        ],
      ),
      { maxLength: 30 },
    ).map((parts) => parts.join(' '));
    const pieces = array(oneof(constantFrom(...STATEMENTS), words), { maxLength: 4 }).map((parts) => parts.join(';'));
    const cut = tuple(pieces, integer({ min: 0, max: 80 })).map(([sql, length]) => sql.slice(0, length));
    const anything = oneof(bytes, words, pieces, cut, string({ unit: 'binary', maxLength: 40 }));
    const outcomes = { read: 0, refused: 0 };
    assert(
      property(anything, (sql) => {
        try {
          expect(Array.isArray(parseBatch(sql))).toBe(true);
          outcomes.read += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
          expect((error as EngineError).code).not.toBe('unavailable');
          outcomes.refused += 1;
        }
      }),
      { numRuns: 5_000 },
    );
    expect(Math.min(outcomes.read, outcomes.refused)).toBeGreaterThan(250);
  });

  it('refuses what would be cut off or misread', () => {
    expect(refusal('select 1;\n\0 drop table t')).toMatchObject({ code: 'syntax_error', line: 2, column: 1 });
    expect(refusal("select 'a\0b'")).toMatchObject({ code: 'syntax_error', column: 10 });
    expect(refusal("select '\ud800'")).toMatchObject({ code: 'syntax_error', column: 9 });
    expect(refusal('select "\udc00"')).toMatchObject({ code: 'syntax_error', column: 9 });
    expect(refusal('select a\u00a0from\u00a0secret from b')).toMatchObject({ code: 'syntax_error', column: 9 });
  });

  it('has limits', () => {
    const long = `select '${'x'.repeat(SQL_LIMITS.textBytes)}'`;
    expect(refusal(long)).toMatchObject({ code: 'invalid_argument', facts: { limit: SQL_LIMITS.textBytes } });
    expect(only(`select '${'x'.repeat(SQL_LIMITS.textBytes - 9)}'`).kind).toBe('select');
    expect(refusal('ä'.repeat(SQL_LIMITS.textBytes / 2 + 1)).code).toBe('invalid_argument');
    expect(parseBatch('select 1;'.repeat(100))).toHaveLength(100);
    expect(refusal('select 1;'.repeat(101))).toMatchObject({ code: 'invalid_argument', column: 901 });
    expect(refusal(`select ${'1,'.repeat(SQL_LIMITS.tokens / 2)}1`)).toMatchObject({
      code: 'invalid_argument',
      facts: { limit: SQL_LIMITS.tokens },
    });
    expect(refusal(`select 1 as ${'x'.repeat(64)}`)).toMatchObject({ code: 'invalid_name', column: 13 });
  });

  it.each([
    ["copy t from 'secret'", 'COPY is not accepted: load with INSERT'],
    ["ATTACH 'secret' AS b", 'ATTACH is not accepted'],
    ['pragma table_info(t)', 'PRAGMA'],
    ["load 'secret'", 'LOAD'],
    ['install httpfs', 'INSTALL'],
    ['do $$ begin end $$', 'DO is not accepted: send the statements one by one'],
    ['call f()', 'CALL is not accepted: only queries call functions'],
    ['prepare p as select 1', 'PREPARE is not accepted: send the parameters'],
    ['execute p(1)', 'EXECUTE is not accepted'],
    ['deallocate p', 'DEALLOCATE'],
    ['vacuum', 'VACUUM'],
    ["create function f() returns int language sql as 'secret'", 'CREATE FUNCTION'],
    ['create or replace function f() returns int begin atomic select 1', 'CREATE OR is not accepted'],
    ['create macro f(a) as a', 'CREATE MACRO'],
    ['create extension e', 'CREATE EXTENSION'],
    ['create schema s', 'CREATE SCHEMA'],
    ['create database d', 'CREATE DATABASE'],
    ['create trigger r after insert on t execute function f()', 'CREATE TRIGGER'],
    ['listen l', 'LISTEN'],
    ['lock table t', 'LOCK'],
    ['constructor x', 'CONSTRUCTOR is not accepted. Accepted are'],
    ['truncate t', 'TRUNCATE is not accepted: write DELETE FROM'],
    ['savepoint s', 'SAVEPOINT'],
    ['from t', 'FROM is not accepted: write SELECT * FROM'],
    ['export database d', 'EXPORT'],
    ['checkpoint', 'CHECKPOINT'],
    ['summarize t', 'SUMMARIZE'],
    ['unload (1) to 2', 'UNLOAD'],
    ['reindex table t', 'REINDEX'],
    ['alter system set a = 1', 'ALTER SYSTEM'],
    ['alter role r superuser', 'ALTER ROLE'],
    ['drop schema s', 'DROP SCHEMA'],
    ['nonsense', 'NONSENSE'],
  ])('names what it does not take, and what it takes: %s', (sql, message) => {
    const error = refusal(`select 1; ${sql}`);
    expect(error).toMatchObject({ code: 'unsupported_statement', line: 1, column: 11 });
    expect(error.message).toContain(message);
    expect(error.message).toContain('Accepted are SELECT, INSERT');
    expect(error.message).not.toContain('secret');
  });

  it.each(["'select' 1", '"select" 1', '1', '.', ') select 1', '= 1', '$1'])('begins with a word: %s', (sql) => {
    expect(refusal(sql)).toMatchObject({ code: 'syntax_error', column: 1 });
  });
});

describe('statements that a guard of patterns got wrong', () => {
  it.each([
    ["select * from users where name='bob' AND age>3", ['users']],
    ["select * from t where n='a' OR m='b'", ['t']],
    ['select a from t union all select b from u', ['t', 'u']],
    ["select * from t where a = 'pg_x'", ['t']],
    ["select * from t where a = 'CREATE x'", ['t']],
    ["select * from t where a = 'please update account'", ['t']],
    ['with a as (select * from t) select * from a', ['t']],
    ['select 1', []],
    ['select * from t -- x', ['t']],
    ['select * from t fetch first 3 rows only', ['t']],
    ['select * from t limit all', ['t']],
  ])('takes as a query: %s', (sql, reads) => {
    expect(kinds(sql)).toEqual(['select']);
    expect(readsOf(sql)).toEqual(reads);
    expect(referencesOf(sql).writes).toEqual([]);
  });

  it('leaves no comment in a text to which something is appended', () => {
    expect(only('select * from t -- x').text).toBe('select * from t');
    expect(only('select * from t /* x */ ; -- y').text).toBe('select * from t');
  });

  it.each([
    ['SELECT * INTO newtable FROM t', 'CREATE TABLE name AS SELECT'],
    ['create temp table t (a int) on commit drop', 'ON COMMIT is not accepted'],
    ['create temp table t on commit delete rows as select 1', 'ON COMMIT is not accepted'],
    ['CALL x()', 'CALL is not accepted'],
    ['SELECT 1; TRUNCATE t', 'TRUNCATE is not accepted'],
    [';TRUNCATE t', 'TRUNCATE is not accepted'],
  ])('does not take as a query: %s', (sql, message) => {
    expect(refusal(sql)).toMatchObject({
      code: 'unsupported_statement',
      message: expect.stringContaining(message),
    });
  });

  it('tells the functions, also those that change settings', () => {
    const sql = "select current_setting('a'), pg_catalog.set_config('a', 'b', false)";
    expect(referencesOf(sql).functions).toEqual(['current_setting', 'pg_catalog.set_config']);
  });

  it('tells the writes of a WITH … DELETE, and both statements of a batch', () => {
    expect(referencesOf('with a as (delete from t returning *) select * from a').writes).toMatchObject([
      { name: 't', privilege: 'delete' },
    ]);
    expect(kinds('WITH a AS (SELECT 1) DELETE FROM t')).toEqual(['delete']);
    expect(kinds('SELECT 1; DROP TABLE x')).toEqual(['select', 'drop_table']);
  });

  it('tells how many parameters there are', () => {
    expect(referencesOf('select * from t where a = $1 and b = $2').parameterCount).toBe(2);
  });
});

describe('EXECUTE AS USER', () => {
  it('holds a statement with its own place', () => {
    const sql = "select 1;\nexecute as user 'Eve' ( /* c */ delete from t; )";
    expect(parseBatch(sql)[1]).toMatchObject({
      kind: 'execute_as_user',
      user: 'Eve',
      line: 2,
      column: 1,
      statement: {
        kind: 'delete',
        text: 'delete from t',
        line: 2,
        column: 33,
        references: { writes: [{ name: 't' }] },
      },
    });
  });

  it.each([
    ["execute as user 'eve'", 22, 'Expected ( with a statement'],
    ["execute as user 'eve' (", 24, 'Expected )'],
    ["execute as user 'eve' ()", 24, 'Expected a statement'],
    ["execute as user 'eve' (select 1", 32, 'Expected )'],
    ["execute as user 'eve' (select 1) select 2", 42, 'Expected )'],
    ["execute as user 'eve' (select 1) (select 2)", 33, 'Expected the end'],
    ["execute as user 'eve' (select 1; select 2)", 32, 'one statement'],
    ["execute as user 'eve' (execute as user 'bob' (select 1))", 24, 'within another'],
    ["execute as user 'eve' (select from where)", 36, 'at "where"'],
    ['execute as eve (select 1)', 1, 'EXECUTE is not accepted'],
  ])('refuses %j at column %d', (sql, column, message) => {
    expect(refusal(sql)).toMatchObject({ column, message: expect.stringContaining(message) });
  });
});

describe('passwords', () => {
  const sql = "execute as user root (create user eve password 'hunter2' role dba)";

  it('are told only to who asks', () => {
    const statement = only("alter user eve password E'hunter\\x32'");
    expect(statement.kind === 'alter_user' ? statement.password?.reveal() : undefined).toBe('hunter2');
  });

  it('are in no text, serialization or inspection', () => {
    const statements = parseBatch(`${sql}; create user bob password $$hunter2$$; alter user bob password 'hunter2'`);
    expect(statements.map(({ text }) => text)).toEqual([
      "execute as user root (create user eve password '***' role dba)",
      "create user bob password '***'",
      "alter user bob password '***'",
    ]);
    const shown = [JSON.stringify(statements), inspect(statements, { depth: 9, showHidden: true })];
    for (const statement of statements) {
      if ('password' in statement) shown.push(String(statement.password), inspect(structuredClone(statement)));
    }
    expect(shown.join()).not.toContain('hunter2');
  });

  it.each([
    'create user eve password hunter2',
    'create user eve password "hunter2"',
    "create user eve password = 'hunter2'",
    "create user eve password 'hunter2",
    "create user eve password 'hunter2' 'hunter2'",
    "create user eve password 'hunter2' password 'hunter2'",
    "create user eve pasword 'hunter2'",
    "create user eve password X'hunter2'",
    "select 1 from t password 'hunter2'",
  ])('are in no error: %s', (wrong) => {
    const error = refusal(wrong);
    expect(inspect(error, { depth: 9, showHidden: true }).replace(/\n\s+at .*/g, '')).not.toContain('hunter2');
  });
});
