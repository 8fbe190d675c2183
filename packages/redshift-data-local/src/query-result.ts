import { Query } from 'pg';
import type { Client, FieldDef, QueryResult as PostgresResult } from 'pg';
import { describeColumns } from './columns.ts';
import type { ColumnMetadata } from './columns.ts';
import type { Limits } from './options.ts';

/** A result as PostgreSQL wrote it: texts, which are exact, with the types to read them by. */
export interface QueryResult {
  readonly columns: readonly ColumnMetadata[];
  readonly typeIds: readonly number[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly bytes: number;
}

export interface QueryRun {
  readonly client: Client;
  readonly text: string;
  readonly values: readonly string[];
  readonly limits: Pick<Limits, 'maxRowBytes' | 'maxResultBytes'>;
  /** By the simple protocol, which takes several statements and no values. The last result counts. */
  readonly several: boolean;
  /** Called once when the result is over the limits. What still comes is not kept. */
  readonly stop: () => void;
}

const asText = { getTypeParser: () => (value: string) => value };

/** Runs one statement by the extended protocol, which takes one statement only. */
export async function runQuery(
  run: QueryRun,
): Promise<{ readonly result: QueryResult | undefined; readonly rows: number }> {
  const kept = await rowsOf(run);
  const { fields, rowCount } = kept.result;
  if (fields.length === 0) return { result: undefined, rows: rowCount ?? -1 };
  return {
    result: {
      columns: await describeColumns(run.client, fields),
      typeIds: fields.map((field) => field.dataTypeID),
      rows: kept.rows,
      bytes: kept.bytes,
    },
    rows: kept.rows.length,
  };
}

interface Kept {
  readonly rows: (string | null)[][];
  readonly bytes: number;
  readonly result: { readonly fields: readonly FieldDef[]; readonly rowCount: number | null };
}

function rowsOf({ client, text, values, limits, several, stop }: QueryRun): Promise<Kept> {
  const config = {
    text,
    values: [...values],
    rowMode: 'array',
    types: asText as never,
    ...(several ? {} : { queryMode: 'extended' }),
  };
  const query = client.query(new Query(config));
  if (!several) refuseCopy(query);
  let rows: (string | null)[][] = [];
  let bytes = 0;
  let tooMuch: Error | undefined;
  let of: unknown;
  return new Promise((resolve, reject) => {
    query.on('row', (row: (string | null)[], result: unknown) => {
      if (tooMuch !== undefined) return;
      if (of !== result) [rows, bytes, of] = [[], 0, result];
      const rowBytes = row.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
      bytes += rowBytes;
      rows.push(row);
      if (rowBytes > limits.maxRowBytes)
        tooMuch = new Error(`packet for query is too large: ${rowBytes} bytes in a row`);
      else if (bytes > limits.maxResultBytes) tooMuch = new Error('database response exceeded size limit');
      if (tooMuch === undefined) return;
      rows = [];
      stop();
    });
    query.on('error', (error: Error) => reject(tooMuch ?? error));
    query.on('end', (all: PostgresResult | PostgresResult[]) => {
      const result = Array.isArray(all) ? all.at(-1) : all;
      if (tooMuch !== undefined) reject(tooMuch);
      else if (result === undefined) reject(new Error('no result'));
      else resolve({ rows: of === result ? rows : [], bytes: of === result ? bytes : 0, result });
    });
  });
}

/** PostgreSQL ignores the driver's Sync while it waits for data to copy, and would wait for another one forever. */
function refuseCopy(query: Query): void {
  interface Connection {
    sendCopyFail(reason: string): void;
    sync(): void;
  }
  const copying = query as unknown as { handleCopyInResponse(connection: Connection): void };
  copying.handleCopyInResponse = (connection) => {
    connection.sendCopyFail('there is no data');
    connection.sync();
  };
}
