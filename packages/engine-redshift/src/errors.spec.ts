import { describe, expect, it } from '@jest/globals';
import { WarehouseError } from '@mooring/redshift-sessions';
import type { WarehouseErrorCode } from '@mooring/redshift-sessions';
import { statementFailure, translate } from './errors.ts';

describe('what the warehouse says of a statement', () => {
  it.each([
    ['conflict', true, 'ERROR: 1023 DETAIL: Serializable isolation violation on table - 107829'],
    ['conflict', true, 'ERROR: deadlock detected'],
    ['conflict', false, 'ERROR: duplicate key value violates unique constraint "t_pkey"'],
    ['conflict', false, 'ERROR: current transaction is aborted, commands ignored until end of transaction block'],
    ['in_use', false, 'ERROR: cannot drop table t because other objects depend on it'],
    ['forbidden', false, 'ERROR: permission denied for schema sales'],
    ['forbidden', false, 'ERROR: must be owner of relation t'],
    ['already_exists', false, 'ERROR: Relation "t" already exists'],
    ['not_found', false, 'ERROR: relation "t" does not exist'],
    ['misconfigured', false, 'FATAL: password authentication failed for user "acme"'],
    ['misconfigured', false, 'FATAL: database "prod" does not exist'],
    ['syntax_error', false, 'ERROR: syntax error at or near "FORM"'],
    ['cancelled', false, "ERROR: Query (42) cancelled on user's request"],
    ['out_of_memory', false, 'ERROR: Disk Full'],
    ['unavailable', false, 'ERROR: terminating connection due to administrator command'],
    ['execution_failed', false, 'ERROR: Numeric data overflow'],
  ])('is %s (again: %s): %s', (code, retryable, said) => {
    const error = statementFailure(said);
    expect(error).toMatchObject({ code, retryable, message: said, facts: { engine: 'redshift' } });
  });

  it.each([
    ["ERROR: Invalid digit, Value 'h', Pos 0, Type: Integer", 'ERROR: Invalid digit, Value …'],
    ['ERROR: Assert\n  Detail: error: Assert code: 1000 context: hunter', 'ERROR: Assert\n  …'],
    ['ERROR: duplicate key\n  DETAIL: Key (id)=(hunter2) exists', 'ERROR: duplicate key\n  …'],
    ['ERROR: Key (id)=(hunter) exists', 'ERROR: Key (id)…'],
    ['ERROR: Key hunter2 exists', 'ERROR: Key …'],
    ['ERROR: invalid input syntax for integer: "hunt', 'ERROR: invalid input syntax for integer: …'],
    ['ERROR: value "7" for column "id"', 'ERROR: value …'],
    ['ERROR: column "t.id" must appear in GROUP BY', 'ERROR: column "t.id" must appear in GROUP BY'],
    ['ERROR: relation "nowhere" does not exist', 'ERROR: relation "nowhere" does not exist'],
  ])('ends where a parameter may begin: %s', (said, shown) => {
    const sql = "SELECT t.id, 7 FROM nowhere AS t WHERE id = :p1 AND x = 'a long text with h-like letters' AND y = :p2";
    expect(statementFailure(said, { sql, values: ['hunter2', '7'] }).message).toBe(shown);
  });
});

describe('what the way to the warehouse says', () => {
  it.each<[WarehouseErrorCode, string, boolean]>([
    ['pool_exhausted', 'too_busy', true],
    ['warehouse_busy', 'too_busy', true],
    ['warehouse_unavailable', 'unavailable', true],
    ['outcome_unknown', 'unavailable', false],
    ['session_lost', 'unavailable', false],
    ['access_denied', 'misconfigured', false],
    ['invalid_request', 'misconfigured', false],
    ['statement_cancelled', 'cancelled', false],
    ['statement_timeout', 'timeout', false],
    ['statement_failed', 'execution_failed', false],
  ])('%s is %s', (given, code, retryable) => {
    const cause = new WarehouseError({ code: given, message: 'said', retryAfterMs: 5000, cause: new Error('hidden') });
    const error = translate(cause);
    expect([error.code, error.retryable, error.message, error.cause]).toEqual([code, retryable, 'said', undefined]);
  });

  it('is no longer there when it repeats a value', () => {
    const said =
      "The warehouse refused the call: Value '[SqlParameter(name=p1, value=hunter2)]' at 'parameters' failed";
    const { message } = translate(new WarehouseError({ code: 'invalid_request', message: said }), {
      sql: 'SELECT :p1',
      values: ['hunter2'],
    });
    expect(message).toBe('The warehouse refused the call: Value …');
  });

  it('is thrown on when it is no failure but a bug', () => {
    const bug = new TypeError('x is not a function');
    expect(() => translate(bug)).toThrow(bug);
  });
});
