import { EngineError } from './errors.ts';
import type { EngineConnection, EngineRequest } from './query-engine.ts';
import type { Row, Value } from './values.ts';

export function requestOf(
  sql: string,
  parameters: readonly Value[] = [],
  changes: Partial<EngineRequest> = {},
): EngineRequest {
  return { sql, parameters, timeoutMs: 20_000, ...changes };
}

export interface Answer {
  readonly columns: readonly string[];
  readonly types: readonly string[];
  readonly rows: readonly Row[];
  readonly rowsAffected: number | null;
}

/** A statement's whole result, row by row. */
export async function answer(
  connection: EngineConnection,
  sql: string,
  parameters: readonly Value[] = [],
  changes: Partial<EngineRequest> = {},
): Promise<Answer> {
  const result = await connection.run(requestOf(sql, parameters, changes));
  const rows: Row[] = [];
  for await (const { rowCount, values } of result.batches()) {
    for (let row = 0; row < rowCount; row++) rows.push(values.map((column) => column[row] ?? null));
  }
  return {
    columns: result.columns.map(({ name }) => name),
    types: result.columns.map(({ type }) => type),
    rows,
    rowsAffected: result.rowsAffected,
  };
}

export async function rowsOf(
  connection: EngineConnection,
  sql: string,
  parameters: readonly Value[] = [],
): Promise<readonly Row[]> {
  return (await answer(connection, sql, parameters)).rows;
}

/** How it failed. */
export async function failureOf(work: Promise<unknown>): Promise<EngineError> {
  const outcome = await work.then(
    () => 'no failure',
    (error: unknown) => error,
  );
  if (outcome instanceof EngineError) return outcome;
  throw new Error('expected an EngineError', { cause: outcome });
}
