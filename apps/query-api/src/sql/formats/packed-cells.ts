import type { PackedColumn, Value } from '@mooring/engine';
import { KnownText } from './text-bytes.ts';
import type { TextBytes } from './text-bytes.ts';
import { WHOLE_MOST, fraction, twoDigits, whole } from './text-numbers.ts';

/** How a form of text writes values. */
export interface CellForm {
  /** Around a text or a time: `"`, or nothing. */
  readonly quote: string;
  /** By byte, 1 of those that a text can't have in it as they are. */
  readonly special: Uint8Array;
  /** Any value as it stands in a row. */
  readonly cell: (value: Value) => string;
}

export interface PackedCells {
  /** Bytes that a cell may overwrite without having reserved them. */
  readonly most: number;
  /** Writes the cell of a row that has a value, and gives where it ends: -1, with nothing written, where it can't. */
  readonly write: (out: TextBytes, at: number, row: number) => number;
}

const TWO_TO_32 = 2 ** 32;
const DAY_MS = 86_400_000;
const DAY_MICROS = 86_400_000_000;
const SECOND_MICROS = 1_000_000;
/** 0000-01-01 and 9999-12-31, counted from 1970. */
const FIRST_DAY = -719_528;
const LAST_DAY = 2_932_896;
const COLON = 0x3a;
const POINT = 0x2e;
const Z = 0x5a;
const TIME_MOST = 36;
/** A longer one is left to who can say that it is too long. */
const LONGEST_TEXT = 16 * 2 ** 20;

/** Writes cells of a column as it lies in memory; undefined of types that it doesn't know. */
export function packedCells(type: string, column: PackedColumn, form: CellForm): PackedCells {
  const { data, offsets } = column;
  if (offsets !== undefined) return texts(data as Uint8Array, offsets, form);
  if (type === 'DATE') return dates(data as Int32Array, form);
  if (type === 'TIMESTAMP') return timestamps(data as BigInt64Array, form, false);
  if (type === 'TIMESTAMP WITH TIME ZONE') return timestamps(data as BigInt64Array, form, true);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return longs(data, form);
  if (data instanceof Float32Array || data instanceof Float64Array) return floats(data, form);
  return { most: WHOLE_MOST, write: (out, at, row) => whole(out, at, data[row] as number) };
}

function texts(data: Uint8Array, offsets: Int32Array, { quote, special, cell }: CellForm): PackedCells {
  const mark = quote === '' ? 0 : quote.charCodeAt(0);
  let longest = 0;
  for (let row = 1; row < offsets.length; row += 1) {
    longest = Math.max(longest, (offsets[row] as number) - (offsets[row - 1] as number));
  }
  const written = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const write: PackedCells['write'] = (out, at, row) => {
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    const { bytes } = out;
    let place = at;
    if (mark !== 0) bytes[place++] = mark;
    let index = start;
    for (; index < end; index += 1) {
      const byte = data[index] as number;
      if (special[byte] === 1) break;
      bytes[place++] = byte;
    }
    if (index < end || start === end) {
      return end - start > LONGEST_TEXT ? -1 : out.text(at, cell(written.toString('utf8', start, end)));
    }
    if (mark !== 0) bytes[place++] = mark;
    return place;
  };
  return { most: longest + 2, write };
}

/** Beyond what a number holds exactly, it depends on the form. */
function longs(data: BigInt64Array | BigUint64Array, { cell }: CellForm): PackedCells {
  const { low, high } = halvesOf(data);
  const write: PackedCells['write'] = (out, at, row) => {
    const value = (high[2 * row + 1] as number) * TWO_TO_32 + (low[2 * row] as number);
    return Number.isSafeInteger(value) ? whole(out, at, value) : out.text(at, cell(data[row] as bigint));
  };
  return { most: WHOLE_MOST, write };
}

function halvesOf(data: BigInt64Array | BigUint64Array): { low: Uint32Array; high: Int32Array | Uint32Array } {
  const low = new Uint32Array(data.buffer, data.byteOffset, 2 * data.length);
  if (data instanceof BigUint64Array) return { low, high: low };
  return { low, high: new Int32Array(data.buffer, data.byteOffset, 2 * data.length) };
}

function floats(data: Float32Array | Float64Array, { cell }: CellForm): PackedCells {
  const write: PackedCells['write'] = (out, at, row) => {
    const value = data[row] as number;
    return Number.isSafeInteger(value) ? whole(out, at, value) : out.text(at, cell(value));
  };
  return { most: WHOLE_MOST, write };
}

function dates(data: Int32Array, { quote }: CellForm): PackedCells {
  const day = dayTexts(quote, quote);
  const write: PackedCells['write'] = (out, at, row) => {
    const days = data[row] as number;
    return isPlainDay(days) ? day(days).write(out, at) : -1;
  };
  return { most: TIME_MOST, write };
}

function timestamps(data: BigInt64Array, { quote }: CellForm, isInstant: boolean): PackedCells {
  const { low, high } = halvesOf(data);
  const mark = quote === '' ? 0 : quote.charCodeAt(0);
  const day = dayTexts(quote, 'T');
  const write: PackedCells['write'] = (out, at, row) => {
    const micros = (high[2 * row + 1] as number) * TWO_TO_32 + (low[2 * row] as number);
    const days = Math.floor(micros / DAY_MICROS);
    if (!Number.isSafeInteger(micros) || !isPlainDay(days)) return -1;
    let end = timeOfDay(out, day(days).write(out, at), micros - days * DAY_MICROS);
    if (isInstant) out.bytes[end++] = Z;
    if (mark !== 0) out.bytes[end++] = mark;
    return end;
  };
  return { most: TIME_MOST, write };
}

function timeOfDay(out: TextBytes, start: number, micros: number): number {
  const seconds = Math.floor(micros / SECOND_MICROS) | 0;
  const part = (micros - seconds * SECOND_MICROS) | 0;
  const minutes = (seconds / 60) | 0;
  const hours = (minutes / 60) | 0;
  let at = twoDigits(out, start, hours, COLON);
  at = twoDigits(out, at, minutes - hours * 60, COLON);
  at = twoDigits(out, at, seconds - minutes * 60, POINT);
  return part === 0 ? at - 1 : fraction(out, at, part);
}

function isPlainDay(days: number): boolean {
  return days >= FIRST_DAY && days <= LAST_DAY;
}

/** Of the rows of a result, many have the day of the row before. */
function dayTexts(before: string, after: string): (days: number) => KnownText {
  let last = Number.NaN;
  let text = new KnownText('');
  return (days) => {
    if (days !== last) {
      last = days;
      text = new KnownText(before + new Date(days * DAY_MS).toISOString().slice(0, 10) + after);
    }
    return text;
  };
}
