import type { Column, RowBatch } from '@mooring/engine';
import { packedCells } from './packed-cells.ts';
import type { CellForm, PackedCells } from './packed-cells.ts';
import { KnownText, TextBytes } from './text-bytes.ts';

export interface TextForm extends CellForm {
  /** Before the cell of each column. */
  readonly before: readonly string[];
  /** After the last cell of a row. */
  readonly after: string;
}

/** Of one batch. */
interface ColumnCells extends PackedCells {
  readonly validity: Uint8Array | undefined;
  readonly byValue: PackedCells['write'];
}

/** Writes rows as text: from columns as they lie in memory where the engine has them so, else value by value. */
export function textRows(columns: readonly Column[], form: TextForm): (batch: RowBatch) => Uint8Array {
  const out = new TextBytes();
  const before = form.before.map((text) => new KnownText(text));
  const after = new KnownText(form.after);
  const none = new KnownText(form.cell(null));
  const known = before.reduce((sum, { most }) => sum + most, after.most + before.length * none.most);
  return (batch) => {
    const cells = columns.map(({ type }, index) => cellsOf(batch, index, type, form));
    out.margin = cells.reduce((sum, { most }) => sum + most, known);
    let at = 0;
    for (let row = 0; row < batch.rowCount; row += 1) {
      out.reserve(at);
      for (let column = 0; column < cells.length; column += 1) {
        at = (before[column] as KnownText).write(out, at);
        const { validity, write, byValue } = cells[column] as ColumnCells;
        if (validity === undefined || (((validity[row >> 3] as number) >> (row & 7)) & 1) === 1) {
          const end = write(out, at, row);
          at = end < 0 ? byValue(out, at, row) : end;
        } else at = none.write(out, at);
      }
      at = after.write(out, at);
    }
    return out.taken(at);
  };
}

function cellsOf(batch: RowBatch, index: number, type: string, form: TextForm): ColumnCells {
  const byValue: PackedCells['write'] = (out, at, row) => out.text(at, form.cell(batch.values[index]?.[row] ?? null));
  const packed = batch.packed?.(index);
  if (packed === undefined) return { most: 0, write: byValue, byValue, validity: undefined };
  return { ...packedCells(type, packed, form), byValue, validity: packed.validity };
}

/** A table of bytes for `CellForm.special`. */
export function bytesThat(isSpecial: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (isSpecial(byte) ? 1 : 0));
}
