import type { Principal } from '../context/principal.ts';
import { isAtLeast } from '../context/role.ts';
import type { Column, Row, Value } from '../values.ts';

/** A row that somebody else has, such as the session store. */
export interface SourceRow {
  readonly tenantId: string;
  /** Whose it is; null of what is nobody's own. */
  readonly userId: string | null;
  /** By the names of the table's columns; what is missing is null. */
  readonly values: Readonly<Record<string, Value>>;
}

/** Rows of the principal's tenant; it may leave out what the principal may not see. */
export type SystemSource = (principal: Principal) => Promise<readonly SourceRow[]>;

/** Where rows of the `system` schema are that this package doesn't have. A table without a source has no such rows. */
export interface SystemSources {
  readonly sessions?: SystemSource;
  readonly warehouseSessions?: SystemSource;
  readonly jobs?: SystemSource;
}

/** Of the caller's tenant alone, whatever the source gives: a dba sees all of them, others their own. */
export async function rowsFrom(
  source: SystemSource | undefined,
  principal: Principal,
  columns: readonly Column[],
): Promise<readonly Row[]> {
  if (source === undefined) return [];
  const { tenantId, userId, role } = principal;
  const rows = await source(principal);
  return rows
    .filter((row) => row.tenantId === tenantId && (isAtLeast(role, 'dba') || row.userId === userId))
    .map(({ values }) => columns.map(({ name }) => values[name] ?? null));
}
