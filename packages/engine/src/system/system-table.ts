import type { StatementRun } from '../executor/statement-handler.ts';
import type { Column, Row, Value } from '../values.ts';

/** What a query asks of a column by `=`: a table may use it to look for less. The rows are filtered all the same. */
export type Equalities = ReadonlyMap<string, Value>;

/** A table that is no table: its rows are what is known at the moment, of the caller's tenant and role. */
export interface SystemTable {
  readonly name: string;
  readonly columns: readonly Column[];
  rows(run: StatementRun, equal: Equalities): Promise<readonly Row[]>;
}

/** Columns as `name TYPE`. */
export function columnsFrom(...columns: readonly string[]): readonly Column[] {
  return columns.map((column) => {
    const [name = '', ...type] = column.split(' ');
    return { name, type: type.length === 0 ? 'VARCHAR' : type.join(' ') };
  });
}

export function timeText(at: number | null | undefined): string | null {
  return at === undefined || at === null ? null : new Date(at).toISOString();
}
