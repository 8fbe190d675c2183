import { assertRole, forbidden } from '../access/privileges.ts';
import { rowsOutcome } from '../executor/outcome.ts';
import type { Outcome } from '../executor/outcome.ts';
import type { StatementOf, StatementRun } from '../executor/statement-handler.ts';
import { planOf } from './query-plan.ts';
import { unsupportedQuery } from './query-terms.ts';
import type { SystemTable } from './system-table.ts';

/** The schema of the virtual tables, in every tenant. */
export const SYSTEM_NAMESPACE = 'system';

export interface SystemQuery {
  readonly table: SystemTable;
  rows(): Promise<Outcome>;
}

/**
 * A query of the `system` schema, which we answer: columns or `count(*)` of one table, with WHERE, ORDER BY, LIMIT and
 * OFFSET.
 *
 * @throws EngineError `forbidden`, `not_found`, `unsupported_statement` of what is beyond that
 */
export async function authorizeSystemQuery(
  { kind, references, text }: StatementOf<'select' | 'insert' | 'update' | 'delete' | 'merge' | 'explain'>,
  run: StatementRun,
): Promise<SystemQuery> {
  assertRole(run.principal, 'user', 'the system schema');
  if (references.writes.length > 0) throw forbidden('tables of the system schema are only read');
  const [read, ...others] = references.reads;
  if (kind !== 'select' || read === undefined || others.length > 0) {
    throw unsupportedQuery('tables of the system schema stand alone in a SELECT');
  }
  const table = run.engine.system.get(read.name);
  const plan = planOf(text, table, run.parameters);
  return {
    table,
    rows: async () => {
      const { columns, rows } = plan.answer(await table.rows(run, plan.equal));
      return rowsOutcome(columns, rows);
    },
  };
}
