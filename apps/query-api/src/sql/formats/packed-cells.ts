import type { PackedColumn } from '@mooring/engine';
import type { TextBytes } from './text-bytes.ts';

/** How a form of text writes what is no number. */
export interface CellForm {
  /** Around a text or a time: `"`, or nothing. */
  readonly quote: string;
  /** By byte, 1 of those that a text can't have in it as they are. */
  readonly special: Uint8Array;
}

/** Whether it could write the row's cell; where not, nothing was written. The row has a value. */
export type PackedCell = (out: TextBytes, row: number) => boolean;

const TWO_TO_32 = 2 ** 32;
const DAY_MS = 86_400_000;
const DAY_MICROS = 86_400_000_000;
/** 0000-01-01 and 9999-12-31, counted from 1970. */
const FIRST_DAY = -719_528;
const LAST_DAY = 2_932_896;
const COLON = 0x3a;
const POINT = 0x2e;
const T = 0x54;
const Z = 0x5a;

/** Writes cells of a column as it lies in memory; undefined of types that it doesn't know. */
export function packedCell(type: string, column: PackedColumn, form: CellForm): PackedCell | undefined {
  const { data, offsets } = column;
  if (offsets !== undefined) return texts(data as Uint8Array, offsets, form);
  if (type === 'DATE') return dates(data as Int32Array, form);
  if (type === 'TIMESTAMP') return timestamps(data as BigInt64Array, form, false);
  if (type === 'TIMESTAMP WITH TIME ZONE') return timestamps(data as BigInt64Array, form, true);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return longs(data);
  if (data instanceof Float32Array || data instanceof Float64Array) return floats(data);
  return (out, row) => {
    out.whole(data[row] as number);
    return true;
  };
}

function texts(data: Uint8Array, offsets: Int32Array, { quote, special }: CellForm): PackedCell {
  return (out, row) => {
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    if (start === end) return false;
    return out.plain(data, start, end, special, quote);
  };
}

/** Beyond what a number holds exactly, it depends on the form. */
function longs(data: BigInt64Array | BigUint64Array): PackedCell {
  const near = nearOf(data);
  return (out, row) => {
    const value = near(row);
    if (!Number.isSafeInteger(value)) return false;
    out.whole(value);
    return true;
  };
}

function nearOf(data: BigInt64Array | BigUint64Array): (row: number) => number {
  const low = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  const high = data instanceof BigInt64Array ? new Int32Array(data.buffer, data.byteOffset, 2 * data.length) : low;
  return (row) => (high[2 * row + 1] as number) * TWO_TO_32 + (low[2 * row] as number);
}

function floats(data: Float32Array | Float64Array): PackedCell {
  return (out, row) => {
    const value = data[row] as number;
    if (Number.isSafeInteger(value)) out.whole(value);
    else if (Number.isFinite(value)) out.text(String(value));
    else return false;
    return true;
  };
}

function dates(data: Int32Array, { quote }: CellForm): PackedCell {
  const day = dayWriter();
  return (out, row) => {
    const days = data[row] as number;
    if (!isPlainDay(days)) return false;
    out.text(quote);
    day(out, days);
    out.text(quote);
    return true;
  };
}

function timestamps(data: BigInt64Array, { quote }: CellForm, isInstant: boolean): PackedCell {
  const near = nearOf(data);
  const day = dayWriter();
  return (out, row) => {
    const micros = near(row);
    const days = Math.floor(micros / DAY_MICROS);
    if (!Number.isSafeInteger(micros) || !isPlainDay(days)) return false;
    out.text(quote);
    day(out, days);
    timeOfDay(out, micros - days * DAY_MICROS);
    if (isInstant) out.byte(Z);
    out.text(quote);
    return true;
  };
}

function timeOfDay(out: TextBytes, micros: number): void {
  const seconds = Math.floor(micros / 1_000_000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  out.byte(T);
  out.twoDigits(hours);
  out.byte(COLON);
  out.twoDigits(minutes - hours * 60);
  out.byte(COLON);
  out.twoDigits(seconds - minutes * 60);
  const fraction = micros - seconds * 1_000_000;
  if (fraction === 0) return;
  out.byte(POINT);
  out.text(
    String(1_000_000 + fraction)
      .slice(1)
      .replace(/0+$/, ''),
  );
}

function isPlainDay(days: number): boolean {
  return days >= FIRST_DAY && days <= LAST_DAY;
}

/** Of the rows of a result, many have the day of the row before. */
function dayWriter(): (out: TextBytes, days: number) => void {
  let last = Number.NaN;
  let text: Uint8Array = new Uint8Array();
  return (out, days) => {
    if (days !== last) {
      last = days;
      text = Buffer.from(new Date(days * DAY_MS).toISOString().slice(0, 10), 'latin1');
    }
    out.copy(text, 0, text.length);
  };
}
