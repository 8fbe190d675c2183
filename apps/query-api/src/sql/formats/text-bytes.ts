const MINUS = 0x2d;
const ZERO = 0x30;
const DIGITS = Uint8Array.from({ length: 200 }, (_, at) =>
  String(at >> 1)
    .padStart(2, '0')
    .charCodeAt(at & 1),
);
const LARGEST_INT = 2 ** 31 - 1;
const LONGEST_WHOLE = 17;
const SHORT = 32;
const LEAST_BYTES = 16_384;
const MOST_BYTES_AHEAD = 1_048_576;

/** A text in UTF-8 as it grows, byte by byte. */
export class TextBytes {
  private bytes = Buffer.allocUnsafeSlow(LEAST_BYTES);
  private at = 0;

  /** All that was written since the last time; nobody writes into it any more. */
  taken(): Uint8Array {
    const taken = this.bytes.subarray(0, this.at);
    this.bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(LEAST_BYTES, this.at + (this.at >> 3)), MOST_BYTES_AHEAD));
    this.at = 0;
    return taken;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** Of one that is below 100. */
  twoDigits(value: number): void {
    this.reserve(2);
    this.bytes[this.at++] = DIGITS[2 * value] as number;
    this.bytes[this.at++] = DIGITS[2 * value + 1] as number;
  }

  /** A safe integer. */
  whole(value: number): void {
    this.reserve(LONGEST_WHOLE);
    if (value < 0) this.bytes[this.at++] = MINUS;
    let rest = Math.abs(value);
    let end = this.at + digitsOf(rest);
    this.at = end;
    while (rest >= 100) {
      const hundreds = rest <= LARGEST_INT ? (rest / 100) | 0 : Math.floor(rest / 100);
      const two = 2 * (rest - hundreds * 100);
      this.bytes[--end] = DIGITS[two + 1] as number;
      this.bytes[--end] = DIGITS[two] as number;
      rest = hundreds;
    }
    this.bytes[--end] = rest >= 10 ? (DIGITS[2 * rest + 1] as number) : ZERO + rest;
    if (rest >= 10) this.bytes[--end] = DIGITS[2 * rest] as number;
  }

  text(value: string): void {
    const { length } = value;
    this.reserve(3 * length);
    const { bytes } = this;
    if (length > SHORT) {
      this.at += bytes.write(value, this.at, 'utf8');
      return;
    }
    let { at } = this;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.at = at + bytes.write(value.slice(index), at, 'utf8');
        return;
      }
      bytes[at++] = code;
    }
    this.at = at;
  }

  /** Bytes that are few and known: quicker than `copy`. */
  all(source: Uint8Array): void {
    const { length } = source;
    this.reserve(length);
    const { bytes, at } = this;
    for (let index = 0; index < length; index += 1) bytes[at + index] = source[index] as number;
    this.at = at + length;
  }

  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    const { bytes, at } = this;
    if (length > SHORT) bytes.set(source.subarray(start, end), at);
    else for (let index = 0; index < length; index += 1) bytes[at + index] = source[start + index] as number;
    this.at = at + length;
  }

  /** A text in its quotes; nothing, and false, where it has a byte that is special. */
  plain(source: Uint8Array, start: number, end: number, special: Uint8Array, quote: string): boolean {
    this.reserve(end - start + 2);
    const { bytes } = this;
    let { at } = this;
    if (quote !== '') bytes[at++] = quote.charCodeAt(0);
    for (let index = start; index < end; index += 1) {
      const byte = source[index] as number;
      if (special[byte] === 1) return false;
      bytes[at++] = byte;
    }
    if (quote !== '') bytes[at++] = quote.charCodeAt(0);
    this.at = at;
    return true;
  }

  private reserve(more: number): void {
    const needed = this.at + more;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, this.at);
    this.bytes = grown;
  }
}

function digitsOf(whole: number): number {
  if (whole < 10) return 1;
  if (whole < 100) return 2;
  let digits = 3;
  for (let above = 1000; whole >= above; above *= 10) digits += 1;
  return digits;
}
