import { EngineError } from '@mooring/engine';
import type { CancelTimer, Clock, EpochMs } from '@mooring/session-store';
import { closedError } from '../errors.ts';
import type { TenantInstance } from './tenant-instance.ts';

/** An open instance, in use until it is given back. */
export interface Lease {
  readonly instance: TenantInstance;
  release(): void;
  /** It is broken: nobody else gets it, and it is closed when all have given it back. */
  discard(): void;
}

export interface PoolOptions {
  readonly maxOpen: number;
  readonly idleMs: number;
  readonly waitMs: number;
  readonly clock: Clock;
}

interface Entry {
  readonly key: string;
  readonly opening: Promise<TenantInstance>;
  /** What it holds would be lost with it. */
  readonly isKept: boolean;
  users: number;
  usedAt: EpochMs;
  isBroken: boolean;
  closing: Promise<void> | undefined;
}

/**
 * The open instances, at most `maxOpen` of them, one for each key: opens of a key at the same time share one. Where there
 * is no room, the one that has been idle for longest leaves; when all are in use, one waits for a while.
 */
export class InstancePool {
  readonly #options: PoolOptions;
  /** From least to most recently used. */
  readonly #entries = new Map<string, Entry>();
  readonly #waiting = new Set<() => void>();
  #cancelSweep: CancelTimer | undefined;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get open(): number {
    return this.#entries.size;
  }

  get inUse(): number {
    return [...this.#entries.values()].filter((entry) => entry.users > 0).length;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  async acquire(key: string, isKept: boolean, open: () => Promise<TenantInstance>): Promise<Lease> {
    const deadline = this.#options.clock.now() + this.#options.waitMs;
    for (;;) {
      if (this.#isClosed) throw closedError();
      const entry = this.#entries.get(key);
      if (entry?.closing !== undefined) await entry.closing;
      else if (entry?.isBroken === true) await this.#change(deadline);
      else if (entry !== undefined) return this.#use(entry);
      else if (this.#entries.size < this.#options.maxOpen) return this.#use(this.#add(key, isKept, open()));
      else await this.#makeRoom(deadline);
    }
  }

  /** Closes what nobody has used for `idleMs`. It does so by itself; the result is of use for those who wait for it. */
  async closeIdle(): Promise<void> {
    const since = this.#options.clock.now() - this.#options.idleMs;
    const leaving = [...this.#entries.values()].flatMap((entry) => {
      const isIdle = canLeave(entry) && !entry.isKept && entry.usedAt <= since;
      const closing = isIdle ? this.#close(entry) : entry.closing;
      return closing === undefined ? [] : [closing];
    });
    await Promise.all(leaving);
  }

  /** Closes the instance of a key, also one that is kept. @throws EngineError `in_use` while somebody has it */
  async remove(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    if (entry.users > 0) {
      const message = 'The storage is in use: close the sessions that were in it, and try again.';
      throw new EngineError({ code: 'in_use', message, retryable: true });
    }
    await (entry.closing ?? this.#close(entry));
  }

  /** Once all leases are given back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelSweep?.();
    this.#wake();
    await Promise.all([...this.#entries.values()].map((entry) => entry.closing ?? this.#close(entry)));
  }

  #add(key: string, isKept: boolean, opening: Promise<TenantInstance>): Entry {
    const usedAt = this.#options.clock.now();
    const entry: Entry = { key, opening, isKept, users: 0, usedAt, isBroken: false, closing: undefined };
    this.#entries.set(key, entry);
    this.#planSweep();
    return entry;
  }

  async #use(entry: Entry): Promise<Lease> {
    entry.users += 1;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    let isHeld = true;
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      entry.users -= 1;
      entry.usedAt = this.#options.clock.now();
      if (entry.isBroken && canLeave(entry)) void this.#close(entry);
      this.#wake();
    };
    try {
      return { instance: await entry.opening, release, discard: () => (entry.isBroken = true) };
    } catch (error) {
      if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
      this.#wake();
      throw error;
    }
  }

  #makeRoom(deadline: EpochMs): Promise<void> {
    const idle = [...this.#entries.values()].find((entry) => canLeave(entry) && !entry.isKept);
    return idle === undefined ? this.#change(deadline) : this.#close(idle);
  }

  #close(entry: Entry): Promise<void> {
    entry.closing = entry.opening
      .then((instance) => instance.close())
      .catch(() => undefined)
      .finally(() => {
        this.#entries.delete(entry.key);
        this.#wake();
      });
    return entry.closing;
  }

  /** Resolves when something was given back or closed. */
  #change(deadline: EpochMs): Promise<void> {
    const leftMs = deadline - this.#options.clock.now();
    if (leftMs <= 0) return Promise.reject(tooBusy(this.#options.waitMs));
    return new Promise((resolve) => {
      const done = (): void => {
        cancel();
        this.#waiting.delete(done);
        resolve();
      };
      const cancel = this.#options.clock.after(leftMs, done);
      this.#waiting.add(done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }

  #planSweep(): void {
    if (this.#cancelSweep !== undefined || this.#isClosed) return;
    this.#cancelSweep = this.#options.clock.after(this.#options.idleMs, () => {
      this.#cancelSweep = undefined;
      void this.closeIdle().then(() => (this.#entries.size > 0 ? this.#planSweep() : undefined));
    });
  }
}

function canLeave(entry: Entry): boolean {
  return entry.users === 0 && entry.closing === undefined;
}

function tooBusy(waitMs: number): EngineError {
  return new EngineError({
    code: 'too_busy',
    message: `All databases that may be open were in use for ${waitMs} ms. Try again, or raise maxOpen.`,
    retryable: true,
  });
}
