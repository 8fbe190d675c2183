import type { PackedColumn } from '@mooring/engine';
import { makeData } from 'apache-arrow';
import type { Data, DataType } from 'apache-arrow';

/** A column that lies in memory as Arrow wants it. */
export function packedData(type: DataType, { data, offsets, validity }: PackedColumn, length: number): Data {
  const nulls = validity === undefined ? 0 : length - ones(validity, length);
  const found = {
    type,
    length,
    data,
    nullCount: nulls,
    ...(nulls === 0 ? {} : { nullBitmap: validity }),
    ...(offsets === undefined ? {} : { valueOffsets: offsets }),
  };
  return makeData(found as Parameters<typeof makeData>[0]);
}

function ones(bits: Uint8Array, length: number): number {
  let count = 0;
  for (let row = 0; row < length; row += 1) count += ((bits[row >> 3] as number) >> (row & 7)) & 1;
  return count;
}
