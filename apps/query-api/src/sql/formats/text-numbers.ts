import type { TextBytes } from './text-bytes.ts';

const MINUS = 0x2d;
const TEN_TO_4 = 10_000;
const TEN_TO_8 = 100_000_000;

/** By number below 10,000, its four digits as the bytes of a word, the first one lowest. */
const FOUR_DIGITS = Uint32Array.from({ length: TEN_TO_4 }, (_, value) =>
  Buffer.from(String(value).padStart(4, '0')).readUInt32LE(),
);

/** What `whole` may overwrite. */
export const WHOLE_MOST = 24;

/** Writes a safe integer. */
export function whole(out: TextBytes, start: number, value: number): number {
  let at = start;
  let rest = value;
  if (rest < 0) {
    out.bytes[at++] = MINUS;
    rest = -rest;
  }
  if (rest < TEN_TO_8) return upToEight(out, at, rest);
  const high = Math.floor(rest / TEN_TO_8);
  const low = (rest - high * TEN_TO_8) | 0;
  at = upToEight(out, at, high);
  const middle = (low / TEN_TO_4) | 0;
  out.view.setUint32(at, FOUR_DIGITS[middle] as number, true);
  out.view.setUint32(at + 4, FOUR_DIGITS[low - middle * TEN_TO_4] as number, true);
  return at + 8;
}

function upToEight(out: TextBytes, at: number, value: number): number {
  const small = value | 0;
  if (small < TEN_TO_4) return upToFour(out, at, small);
  const high = (small / TEN_TO_4) | 0;
  const end = upToFour(out, at, high);
  out.view.setUint32(end, FOUR_DIGITS[small - high * TEN_TO_4] as number, true);
  return end + 4;
}

function upToFour({ view }: TextBytes, at: number, value: number): number {
  const length = value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : 4;
  view.setUint32(at, (FOUR_DIGITS[value] as number) >>> (8 * (4 - length)), true);
  return at + length;
}

/** Writes two digits of a number below 100, then a byte: `59:`. Overwrites one byte behind it. */
export function twoDigits({ view }: TextBytes, at: number, value: number, next: number): number {
  view.setUint32(at, ((FOUR_DIGITS[value] as number) >>> 16) | (next << 16), true);
  return at + 3;
}

/** Writes a part of a second, in microseconds above 0, without the zeros at its end. */
export function fraction({ bytes, view }: TextBytes, at: number, micros: number): number {
  const high = (micros / 100) | 0;
  view.setUint32(at, FOUR_DIGITS[high] as number, true);
  view.setUint32(at + 4, (FOUR_DIGITS[micros - high * 100] as number) >>> 16, true);
  let end = at + 6;
  while (bytes[end - 1] === 0x30) end -= 1;
  return end;
}
