import type { Client, FieldDef } from 'pg';
import Cursor from 'pg-cursor';
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

const BATCH_ROWS = 10_000;
const asText = { getTypeParser: () => (value: string) => value };

/**
 * Runs one statement by the extended protocol, which takes one statement only, and reads its rows in batches so that a
 * result over the limits ends before it fills the memory.
 */
export async function runQuery(
  client: Client,
  text: string,
  values: readonly string[],
  limits: Pick<Limits, 'maxRowBytes' | 'maxResultBytes'>,
): Promise<{ readonly result: QueryResult | undefined; readonly rows: number }> {
  const cursor = client.query(new Cursor<(string | null)[]>(text, [...values], { rowMode: 'array', types: asText }));
  const rows: (string | null)[][] = [];
  let bytes = 0;
  try {
    for (;;) {
      const batch = await cursor.read(BATCH_ROWS);
      for (const row of batch) {
        const rowBytes = row.reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
        if (rowBytes > limits.maxRowBytes) throw new Error(`packet for query is too large: ${rowBytes} bytes in a row`);
        bytes += rowBytes;
        if (bytes > limits.maxResultBytes) throw new Error('database response exceeded size limit');
        rows.push(row);
      }
      if (batch.length < BATCH_ROWS) break;
    }
  } finally {
    await cursor.close().catch(() => undefined);
  }
  const { fields, rowCount } = (
    cursor as unknown as { readonly _result: { fields: FieldDef[]; rowCount: number | null } }
  )._result;
  if (fields.length === 0) return { result: undefined, rows: rowCount ?? -1 };
  return {
    result: {
      columns: await describeColumns(client, fields),
      typeIds: fields.map((field) => field.dataTypeID),
      rows,
      bytes,
    },
    rows: rows.length,
  };
}
