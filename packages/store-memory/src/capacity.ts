import { StoreError } from '@mooring/session-store';
import { BACKEND } from './errors.ts';

/** What the largest kind of row, a session, costs beside its text (measured on Node 20: 970), rounded up. */
const ROW_BYTES = 1000;

/** What the rows of a store may take of the process's memory. Bytes are an estimate on the safe side. */
export class Capacity {
  entries = 0;
  bytes = 0;

  constructor(
    private readonly maxEntries: number,
    private readonly maxBytes: number,
  ) {}

  static bytesOf(characters: number): number {
    return ROW_BYTES + 2 * characters;
  }

  fits(entries: number, bytes: number): boolean {
    return this.entries + entries <= this.maxEntries && this.bytes + bytes <= this.maxBytes;
  }

  add(entries: number, bytes: number): void {
    this.entries += entries;
    this.bytes += bytes;
  }

  full(operation: string): StoreError {
    const which =
      this.entries >= this.maxEntries
        ? `all ${this.maxEntries} entries (maxEntries) are in use`
        : `the ${this.maxBytes} bytes (maxBytes) are in use`;
    return new StoreError({
      code: 'throttled',
      backend: BACKEND,
      operation,
      message: `${which} and none is dead; nothing alive is ever evicted. Allow more, or use a store on a server`,
    });
  }
}
