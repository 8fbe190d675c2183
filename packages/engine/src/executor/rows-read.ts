import type { EngineResult } from '../query-engine.ts';
import type { Row, Value } from '../values.ts';

/** The first rows of a result, which is closed then. */
export async function rowsRead(
  result: EngineResult,
  most: number,
): Promise<{ readonly rows: readonly Row[]; readonly truncated: boolean }> {
  const rows: Row[] = [];
  try {
    for await (const { rowCount, values } of result.batches()) {
      for (let row = 0; row < rowCount; row += 1) {
        if (rows.length === most) return { rows, truncated: true };
        rows.push(values.map((column) => column[row] as Value));
      }
    }
    return { rows, truncated: false };
  } finally {
    await result.close();
  }
}
