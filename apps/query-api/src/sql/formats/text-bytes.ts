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
    if (length > SHORT) {
      this.at += this.bytes.write(value, this.at, 'utf8');
      return;
    }
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.at += this.bytes.write(value.slice(index), this.at, 'utf8');
        return;
      }
      this.bytes[this.at++] = code;
    }
  }

  copy(source: Uint8Array, start: number, end: number): void {
    const length = end - start;
    this.reserve(length);
    if (length > SHORT) this.bytes.set(source.subarray(start, end), this.at);
    else for (let index = 0; index < length; index += 1) this.bytes[this.at + index] = source[start + index] as number;
    this.at += length;
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
