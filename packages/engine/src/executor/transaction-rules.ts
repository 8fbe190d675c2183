import { EngineError } from '../errors.ts';
import type { Statement, StatementKind } from '../sql/statement.ts';
import type { SqlSession } from './sql-session.ts';

/** What an engine's transaction can take back, and what changes nothing. The catalog is not a part of it. */
const IN_TRANSACTION: ReadonlySet<StatementKind> = new Set<StatementKind>([
  'select',
  'insert',
  'update',
  'delete',
  'merge',
  'explain',
  'commit',
  'rollback',
  'begin',
  'set',
  'reset',
  'show_namespaces',
  'show_storages',
  'show_tables',
  'describe_table',
  'kill_query',
  'kill_job',
]);

/** @throws EngineError `unsupported_statement`, `no_transaction` after a statement of the transaction failed */
export function assertAllowedInTransaction(statement: Statement, session: SqlSession): void {
  const { kind } = statement;
  if (session.transaction === 'none') return;
  if (session.transaction === 'failed' && kind !== 'rollback' && kind !== 'commit') {
    const message = 'a statement of the transaction failed: ROLLBACK it first';
    throw new EngineError({ code: 'no_transaction', message });
  }
  if (IN_TRANSACTION.has(kind) || isOnTemporary(statement, session)) return;
  const what = kind.toUpperCase().replaceAll('_', ' ');
  const message = `${what} can't be a part of a transaction: run it before BEGIN or after COMMIT`;
  throw new EngineError({ code: 'unsupported_statement', message });
}

function isOnTemporary(statement: Statement, session: SqlSession): boolean {
  if (statement.kind === 'create_table' || statement.kind === 'create_view') return statement.temporary;
  if (statement.kind !== 'drop_table' && statement.kind !== 'drop_view') return false;
  return statement.tables.every(
    ({ namespace, name }) => namespace === undefined && session.findTemporary(name) !== undefined,
  );
}
