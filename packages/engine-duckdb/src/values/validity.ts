import type { PackedColumn } from '@mooring/engine';

export type Validity = PackedColumn['validity'];

/** Whether the row has a value. */
export function isThere(validity: Validity, row: number): boolean {
  return validity === undefined || (((validity[row >> 3] as number) >> (row & 7)) & 1) === 1;
}
