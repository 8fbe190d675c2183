import type { EpochMs, SweepBatch } from '@mooring/session-store';
import { Capacity } from './capacity.ts';
import { DeadlineHeap } from './deadline-heap.ts';
import type { HeapNode } from './deadline-heap.ts';

interface Entry<Row> extends HeapNode {
  readonly key: string;
  row: Row;
  bytes: number;
}

export interface RowShape<Row> {
  /** From when on the row is dead and may go. */
  deadline(row: Row): EpochMs;
  /** How much text the row holds. */
  characters(row: Row): number;
  /** The row has gone: take it out of the indexes. */
  removed?(row: Row): void;
}

export interface TableLinks {
  readonly capacity: Capacity;
  /** Deletes what is dead, in any table, until so much fits. */
  makeRoom(entries: number, bytes: number): void;
  /** A row is dead from then on. */
  deadlineAt(at: EpochMs): void;
}

/** How many rows a sweep looks at for each that it may delete: deadlines that moved on cost a look. */
const LOOKS_PER_ROW = 10;

/** Rows by key, counted against the capacity and found by their deadline. Rows are replaced, never changed. */
export class Table<Row> {
  private readonly entries = new Map<string, Entry<Row>>();
  private readonly heap = new DeadlineHeap<Entry<Row>>();

  constructor(
    private readonly shape: RowShape<Row>,
    private readonly links: TableLinks,
  ) {}

  get size(): number {
    return this.entries.size;
  }

  /** Not after the first deadline. */
  get firstDeadline(): EpochMs | undefined {
    return this.heap.peek()?.at;
  }

  get(key: string): Row | undefined {
    return this.entries.get(key)?.row;
  }

  /** Refused with `throttled` when the store is full and nothing in it is dead. */
  insert(operation: string, key: string, row: Row): void {
    if (!this.offer(key, row)) throw this.links.capacity.full(operation);
  }

  /** As `insert`, and says whether there was room. */
  offer(key: string, row: Row): boolean {
    const bytes = this.bytesOf(key, row);
    if (!this.hasRoom(1, bytes)) return false;
    this.put(key, row);
    return true;
  }

  /** Inserts, or replaces by a row that may be larger. Refused as `insert` is. */
  grow(operation: string, key: string, row: Row): void {
    const entry = this.entries.get(key);
    const growth = this.bytesOf(key, row) - (entry?.bytes ?? 0);
    if (growth > 0 && !this.hasRoom(entry === undefined ? 1 : 0, growth)) throw this.links.capacity.full(operation);
    this.put(key, row);
  }

  /** Inserts or replaces, also in a full store: for what must not be refused, such as ending a session. */
  put(key: string, row: Row): void {
    const bytes = this.bytesOf(key, row);
    const at = this.shape.deadline(row);
    const entry = this.entries.get(key);
    if (entry === undefined) {
      const added: Entry<Row> = { key, row, bytes, at, position: -1 };
      this.entries.set(key, added);
      this.heap.push(added);
      this.links.capacity.add(1, bytes);
      this.links.deadlineAt(at);
      return;
    }
    this.links.capacity.add(0, bytes - entry.bytes);
    entry.row = row;
    entry.bytes = bytes;
    if (at < entry.at) {
      this.heap.move(entry, at);
      this.links.deadlineAt(at);
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (entry !== undefined) this.remove(entry);
  }

  /** Deletes at most `limit` rows whose deadline is not after `until`. */
  sweep(until: EpochMs, limit: number, dryRun = false): SweepBatch {
    const due: Entry<Row>[] = [];
    let oldest: EpochMs | null = null;
    let looks = limit * LOOKS_PER_ROW + 1;
    for (let entry = this.heap.peek(); entry !== undefined && entry.at <= until; entry = this.heap.peek()) {
      if (looks-- === 0 || due.length > limit) break;
      const deadline = this.shape.deadline(entry.row);
      if (deadline > until) {
        this.heap.move(entry, deadline);
      } else {
        this.heap.remove(entry);
        due.push(entry);
        oldest = Math.min(oldest ?? deadline, deadline);
      }
    }
    for (const [index, entry] of due.entries()) {
      if (dryRun || index >= limit) this.heap.push(entry);
      else this.remove(entry);
    }
    return {
      deleted: Math.min(due.length, limit),
      more: due.length > limit || looks < 0,
      oldestExpiredAgeMs: oldest === null ? null : until - oldest,
    };
  }

  private hasRoom(entries: number, bytes: number): boolean {
    const { capacity } = this.links;
    if (capacity.fits(entries, bytes)) return true;
    this.links.makeRoom(entries, bytes);
    return capacity.fits(entries, bytes);
  }

  private bytesOf(key: string, row: Row): number {
    return Capacity.bytesOf(key.length + this.shape.characters(row));
  }

  private remove(entry: Entry<Row>): void {
    this.entries.delete(entry.key);
    this.heap.remove(entry);
    this.links.capacity.add(-1, -entry.bytes);
    this.shape.removed?.(entry.row);
  }
}
