import type { CancelTimer, EpochMs } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { Capacity } from './capacity.ts';
import { closed } from './errors.ts';
import type { MemoryStoreSettings } from './options.ts';
import { Table } from './table.ts';
import type { RowShape, TableLinks } from './table.ts';

/** Rows that one step of collecting deletes per table: well under a millisecond. */
const STEP_ROWS = 500;
const STEP_PAUSE_MS = 10;
/** Collecting is not started more often than this. */
const COLLECT_EVERY_MS = 1000;

/** What the ports of one store share: the clock, the room, the fencing tokens, and whether it is open. */
export class MemorySpace implements TableLinks {
  readonly capacity: Capacity;
  private readonly tables: Table<never>[] = [];
  private sequence = 0;
  private token: number;
  private isClosed = false;
  private timer: { readonly at: EpochMs; readonly cancel: CancelTimer } | undefined;

  constructor(
    private readonly settings: MemoryStoreSettings,
    readonly validation: Validation,
  ) {
    this.capacity = new Capacity(settings.maxEntries, settings.maxBytes);
    // Tokens grow also past a restart of the process: they start with the time.
    this.token = Math.max(0, settings.clock.now());
  }

  get namespace(): string {
    return this.settings.namespace;
  }

  /** The time of an operation. */
  enter(operation: string): EpochMs {
    if (this.isClosed) throw closed(operation);
    return this.settings.clock.now();
  }

  nextSequence(): number {
    return ++this.sequence;
  }

  nextFencingToken(): number {
    return ++this.token;
  }

  table<Row>(shape: RowShape<Row>): Table<Row> {
    const table = new Table(shape, this);
    this.tables.push(table as unknown as Table<never>);
    return table;
  }

  makeRoom(entries: number, bytes: number): void {
    const now = this.settings.clock.now();
    for (const table of this.tables) {
      for (let more = true; more;) {
        ({ more } = table.sweep(now, STEP_ROWS));
        if (this.capacity.fits(entries, bytes)) return;
      }
    }
  }

  deadlineAt(at: EpochMs): void {
    const due = Math.max(at + this.settings.keepDeadMs, this.settings.clock.now() + COLLECT_EVERY_MS);
    if (this.timer === undefined || due < this.timer.at) this.collectAt(due);
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
    this.timer = undefined;
  }

  /** One timer for the whole store, set for when the next row is due: a store at rest never wakes up. */
  private collectAt(at: EpochMs): void {
    if (this.isClosed) return;
    this.timer?.cancel();
    this.timer = { at, cancel: this.settings.clock.after(at - this.settings.clock.now(), () => this.collect()) };
  }

  private collect(): void {
    this.timer = undefined;
    const now = this.settings.clock.now();
    let next = Infinity;
    let more = false;
    for (const table of this.tables) {
      more = table.sweep(now - this.settings.keepDeadMs, STEP_ROWS).more || more;
      next = Math.min(next, table.firstDeadline ?? Infinity);
    }
    if (more) this.collectAt(now + STEP_PAUSE_MS);
    else if (next < Infinity) this.deadlineAt(next);
  }
}
