import assert from 'node:assert/strict';
import { EngineError, parseBatch } from '@mooring/engine';
import type { Statement } from '@mooring/engine';
import { oneof, array, constantFrom } from 'fast-check';
import { readCorpus } from '../corpus.ts';
import type { Target } from '../target.ts';

const WORDS = [
  ...['select', 'from', 'where', 'with', 'recursive', 'as', 'insert', 'into', 'values', 'update', 'set', 'delete'],
  ...[
    'merge',
    'using',
    'when',
    'matched',
    'then',
    'create',
    'table',
    'view',
    'drop',
    'alter',
    'rename',
    'to',
    'cascade',
  ],
  ...['namespace', 'storage', 'user', 'password', 'role', 'grant', 'revoke', 'on', 'show', 'tables', 'describe', 'use'],
  ...['explain', 'analyze', 'begin', 'commit', 'rollback', 'execute', 'kill', 'query', 'reset', 'if', 'not', 'exists'],
  ...['union', 'all', 'case', 'end', 'lateral', 'over', '(', ')', ',', ';', '.', '*', '=', '::', '[', ']', 'a', '"A"'],
  ...["'x'", '$1', '$$y$$', '1', '1.5e3', '-', '--', '\n', '/*', '*/', 'null', 'interval', 'array', 'row', 'returning'],
];

const REFUSALS = new Set([
  'syntax_error',
  'unsupported_statement',
  'invalid_name',
  'invalid_argument',
  'invalid_storage',
  'parameter_too_many',
]);

/** The password in the corpus. Mutation puts it in other places as well, where it is none. */
const SECRET = 'hunter2-canary';
const AS_PASSWORD = /\b(create|alter)\s+user\s[^;']*\bpassword\s+'hunter2-canary'/gi;

function hasPasswordsOnly(sql: string): boolean {
  return !sql.replaceAll(AS_PASSWORD, '').includes(SECRET);
}

function requireRefusal(sql: string, error: unknown): void {
  assert.ok(error instanceof EngineError, `failed with ${String(error)}`);
  const { code, message, line, column } = error;
  assert.ok(REFUSALS.has(code), `refused as ${code}`);
  assert.ok(!hasPasswordsOnly(sql) || !message.includes(SECRET), 'a refusal shows a password');
  if (line === undefined || column === undefined) return;
  const lines = sql.split(/\r\n|\r|\n/);
  assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
  const { length } = lines[line - 1] ?? '';
  assert.ok(column >= 1 && column <= length + 2, `column ${column} of a line of ${length}`);
}

/** What must be the same of a statement wherever it stands. */
function sense(statement: Statement): unknown {
  if (statement.kind === 'execute_as_user') return [statement.kind, statement.user, sense(statement.statement)];
  return [statement.kind, 'references' in statement ? statement.references : null];
}

function requireSound(sql: string, statements: readonly Statement[]): void {
  let end = 0;
  for (const statement of statements) {
    assert.ok(statement.offset >= end && statement.offset < sql.length, `begins at ${statement.offset}`);
    const isOfUser = statement.kind === 'create_user' || statement.kind === 'alter_user';
    if (isOfUser && !statement.name.includes(SECRET)) {
      assert.ok(!JSON.stringify(statement).includes(SECRET), 'a statement shows a password');
    }
    end = statement.offset + 1;
    const alone = parseBatch(statement.text);
    assert.equal(alone.length, 1, `${alone.length} statements in the text of one`);
    assert.deepEqual(alone.map(sense), [sense(statement)], 'its text alone means something else');
  }
}

function check(sql: string): void {
  let statements: readonly Statement[];
  try {
    statements = parseBatch(sql);
  } catch (error) {
    return requireRefusal(sql, error);
  }
  requireSound(sql, statements);
}

export const sqlTarget: Target = {
  name: 'sql',
  summary: 'the statement parser and classifier of the engine',
  corpus: readCorpus('sql'),
  testRuns: 750,
  open: async () => ({
    inputs: (mutations) =>
      oneof(
        { weight: 3, arbitrary: mutations },
        array(constantFrom(...WORDS), { maxLength: 40 }).map((words) => words.join(' ')),
      ),
    check,
    read: parseBatch,
    close: async () => {},
  }),
};
