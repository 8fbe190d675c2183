import { StoreError } from '@mooring/session-store';
import type { Clock, EpochMs } from '@mooring/session-store';
import type { Connection, Query, Value } from './file/connection.ts';
import { BACKEND, closed, translate } from './errors.ts';
import { isBusy } from './file/result-code.ts';
import { LockWait, unlocked } from './file/lock-wait.ts';

/** What the work of an operation sees: the file, in the operation's namespace, at one time. */
export interface Access {
  readonly namespace: string;
  readonly now: EpochMs;
  one<Row extends object>(statement: Query<Row>, ...values: Value[]): Row | undefined;
  all<Row extends object>(statement: Query<Row>, ...values: Value[]): readonly Row[];
  /** How many rows changed. Only inside of `write`. */
  run(text: string, ...values: Value[]): number;
}

export interface DatabaseOptions {
  readonly namespace: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly busyTimeoutMs: number;
  readonly maxWaiting: number;
}

interface Write {
  readonly operation: string;
  readonly work: (access: Access) => unknown;
  /** By the monotonic clock of the process: no longer than this for a lock. */
  readonly until: number;
  readonly resolve: (value: never) => void;
  readonly reject: (error: StoreError) => void;
}

/** What one commit holds at most, so that the event loop gets its turn. */
const MOST_WRITES = 128;
const LONGEST_WORK_MS = 4;

/**
 * Runs the work of operations on one connection. Writes of the same turn of the event loop share one IMMEDIATE
 * transaction, and with it one wait for the disk; each is answered only after the commit. Work runs again when another
 * write of its transaction fails, so it keeps no state outside of the file.
 */
export class Database {
  private readonly waiting: Write[] = [];
  private draining: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly connection: Connection,
    private readonly options: DatabaseOptions,
  ) {}

  get namespace(): string {
    return this.options.namespace;
  }

  /** Work that reads, in one statement or in several that need not agree. */
  async read<T>(operation: string, work: (access: Access) => T): Promise<T> {
    try {
      return await unlocked(this.options.busyTimeoutMs, () => {
        if (this.closed) throw closed(operation);
        return work(this.access());
      });
    } catch (cause) {
      throw translate(operation, cause);
    }
  }

  /** Work that may write, all of it or nothing. */
  write<T>(operation: string, work: (access: Access) => T): Promise<T> {
    if (this.closed) return Promise.reject(closed(operation));
    if (this.waiting.length >= this.options.maxWaiting) {
      const message = `${this.waiting.length} writes wait already; slow down, or share the load over several files`;
      return Promise.reject(new StoreError({ code: 'throttled', message, backend: BACKEND, operation }));
    }
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ operation, work, until: performance.now() + this.options.busyTimeoutMs, resolve, reject });
      this.draining ??= this.drain();
    });
  }

  /** No operation starts after this; it ends when the waiting ones have. */
  async close(): Promise<void> {
    this.closed = true;
    await this.draining;
    try {
      this.connection.exec('pragma wal_checkpoint(truncate)');
    } catch {
      // Another process reads or writes: the file is complete without it.
    }
    this.connection.close();
  }

  private async drain(): Promise<void> {
    let wait: LockWait | undefined;
    await turn();
    while (this.waiting.length > 0) {
      if (this.begin()) {
        wait = undefined;
        this.commitSome();
        await turn();
      } else {
        wait ??= new LockWait(this.options.busyTimeoutMs);
        await wait.pause();
      }
    }
    this.draining = undefined;
  }

  /** Whether a transaction is open. When none can be had, the writes that waited long enough fail, or all of them. */
  private begin(): boolean {
    try {
      // Left open only when an earlier rollback failed.
      this.connection.rollback();
      this.connection.run('begin immediate');
      return true;
    } catch (cause) {
      const time = isBusy(cause) ? performance.now() : Infinity;
      for (const write of this.waiting.splice(0)) {
        if (write.until > time) this.waiting.push(write);
        else write.reject(translate(write.operation, cause));
      }
      return false;
    }
  }

  private commitSome(): void {
    const answers: unknown[] = [];
    const started = performance.now();
    for (const write of this.waiting.slice(0, MOST_WRITES)) {
      try {
        answers.push(write.work(this.access()));
      } catch (cause) {
        this.undo();
        this.waiting.splice(answers.length, 1);
        write.reject(translate(write.operation, cause));
        return;
      }
      if (performance.now() - started > LONGEST_WORK_MS) break;
    }
    const done = this.waiting.splice(0, answers.length);
    try {
      this.connection.run('commit');
    } catch (cause) {
      this.undo();
      for (const write of done) write.reject(translate(write.operation, cause, 'commit'));
      return;
    }
    for (const [index, write] of done.entries()) write.resolve(answers[index] as never);
  }

  private undo(): void {
    try {
      this.connection.rollback();
    } catch {
      // The next BEGIN says what is wrong.
    }
  }

  private access(): Access {
    const { connection } = this;
    return {
      namespace: this.options.namespace,
      now: Math.floor(this.options.clock.now()),
      one: (statement, ...values) => connection.one(statement, ...values),
      all: (statement, ...values) => connection.all(statement, ...values),
      run: (text, ...values) => connection.run(text, ...values),
    };
  }
}

/** Taken before a test may replace it: waiting for the event loop is not waiting for time. */
const immediate = setImmediate;

function turn(): Promise<void> {
  return new Promise((resolve) => void immediate(resolve));
}
