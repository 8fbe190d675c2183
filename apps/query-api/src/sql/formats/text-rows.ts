import type { Column, RowBatch, Value } from '@mooring/engine';
import { packedCell } from './packed-cells.ts';
import type { CellForm, PackedCell } from './packed-cells.ts';
import { TextBytes } from './text-bytes.ts';

export interface TextForm extends CellForm {
  /** Before the cell of each column. */
  readonly before: readonly string[];
  /** After the last cell of a row. */
  readonly after: string;
  /** Any value as it stands in a row. */
  readonly cell: (value: Value) => string;
}

type Cell = (out: TextBytes, row: number) => void;

/** Writes rows as text: from columns as they lie in memory where the engine has them so, else value by value. */
export function textRows(columns: readonly Column[], form: TextForm): (batch: RowBatch) => Uint8Array {
  const out = new TextBytes();
  const before = form.before.map((text) => Buffer.from(text));
  const after = Buffer.from(form.after);
  return (batch) => {
    const cells = columns.map(({ type }, index) => cellOf(batch, index, type, form));
    for (let row = 0; row < batch.rowCount; row += 1) {
      for (let column = 0; column < cells.length; column += 1) {
        out.all(before[column] as Uint8Array);
        (cells[column] as Cell)(out, row);
      }
      out.all(after);
    }
    return out.taken();
  };
}

function cellOf(batch: RowBatch, index: number, type: string, form: TextForm): Cell {
  const byValue: Cell = (out, row) => out.text(form.cell(batch.values[index]?.[row] ?? null));
  const packed = batch.packed?.(index);
  const write = packed === undefined ? undefined : packedCell(type, packed, form);
  if (packed === undefined || write === undefined) return byValue;
  const { validity } = packed;
  const written = validity === undefined ? write : whereThere(write, validity);
  return (out, row) => {
    if (!written(out, row)) byValue(out, row);
  };
}

function whereThere(write: PackedCell, validity: Uint8Array): PackedCell {
  return (out, row) => (((validity[row >> 3] as number) >> (row & 7)) & 1) === 1 && write(out, row);
}

/** A table of bytes for `CellForm.special`. */
export function bytesThat(isSpecial: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isSpecial(byte) ? 1 : 0));
}
