const LEAST_BYTES = 16_384;
const MOST_BYTES_AHEAD = 1_048_576;
const WORD_BYTES = 4;
/** Beyond it, the runtime's own writer is quicker than a loop. */
const SHORT = 32;

/**
 * A text in UTF-8 as it grows. Who writes keeps the place where it ends, and may write up to `margin` bytes from there on
 * without asking, since `reserve` was called for the row and each method here leaves as much room behind what it wrote.
 */
export class TextBytes {
  bytes = Buffer.allocUnsafeSlow(LEAST_BYTES);
  view = viewOf(this.bytes);
  margin = 0;

  /** All before `end`; nobody writes into it any more. */
  taken(end: number): Uint8Array {
    const taken = this.bytes.subarray(0, end);
    this.bytes = Buffer.allocUnsafeSlow(Math.min(Math.max(LEAST_BYTES, end + (end >> 3)), MOST_BYTES_AHEAD));
    this.view = viewOf(this.bytes);
    return taken;
  }

  reserve(at: number, more = 0): void {
    const needed = at + more + this.margin;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
    this.bytes.copy(grown, 0, 0, at);
    this.bytes = grown;
    this.view = viewOf(grown);
  }

  /** Gives where it ends, as all that writes does. */
  text(at: number, value: string): number {
    const { length } = value;
    this.reserve(at, 3 * length);
    const { bytes } = this;
    if (length > SHORT) return at + bytes.write(value, at, 'utf8');
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return at + index + bytes.write(value.slice(index), at + index, 'utf8');
      bytes[at + index] = code;
    }
    return at + length;
  }
}

/** A text that is written over and over, four bytes at once: up to three bytes behind it are overwritten. */
export class KnownText {
  readonly most: number;
  private readonly words: Uint32Array;
  private readonly length: number;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    this.most = Math.ceil(bytes.length / WORD_BYTES) * WORD_BYTES;
    const padded = Buffer.alloc(this.most, bytes);
    this.words = Uint32Array.from({ length: this.most / WORD_BYTES }, (_, word) =>
      padded.readUInt32LE(word * WORD_BYTES),
    );
  }

  write({ view }: TextBytes, at: number): number {
    const { words } = this;
    for (let word = 0; word < words.length; word += 1)
      view.setUint32(at + word * WORD_BYTES, words[word] as number, true);
    return at + this.length;
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
