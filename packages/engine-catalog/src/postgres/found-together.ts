import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { CatalogKey } from '@mooring/engine';
import type { CatalogRow } from '../catalog-tables.ts';

/** A row for each key, where there is one. */
export type FindRows = (keys: readonly CatalogKey[]) => Promise<ReadonlyMap<CatalogKey, CatalogRow>>;

interface Asked {
  readonly key: CatalogKey;
  readonly resolve: (row: CatalogRow | undefined) => void;
  readonly reject: (error: unknown) => void;
}

const MOST_AT_ONCE = 100;
/** Several times what an answer takes: who waits for one that is late asks beside it. */
const LONGEST_WAIT_MS = 10;

/**
 * Asks for all that is asked for within one turn of the event loop at once, in one round trip: the namespace and the tables
 * of a statement, and those of other requests. While an answer is on its way, what is asked for waits for it, and is asked
 * for together then: the more there is to ask, the more goes into one round trip. Nothing is kept: the database is asked
 * after each of them asked.
 */
export class FoundTogether {
  /** By what they ask for. */
  private asked = new Map<string, [Asked, ...Asked[]]>();
  private underWay = 0;
  private isDue = false;
  private cancelWait: (() => void) | undefined;

  constructor(
    private readonly find: FindRows,
    private readonly clock: Clock = systemClock,
  ) {}

  row(key: CatalogKey): Promise<CatalogRow | undefined> {
    return new Promise((resolve, reject) => {
      const asked: Asked = { key, resolve, reject };
      const name = `${key.kind}\0${key.tenantId}\0${key.key}`;
      const same = this.asked.get(name);
      if (same !== undefined) same.push(asked);
      else this.asked.set(name, [asked]);
      this.sendSoon();
    });
  }

  /** At once: for who will not be asked later. */
  readonly send = (): void => {
    this.isDue = false;
    this.cancelWait?.();
    this.cancelWait = undefined;
    const asked = [...this.asked.values()];
    this.asked = new Map();
    for (let from = 0; from < asked.length; from += MOST_AT_ONCE) {
      void this.answer(asked.slice(from, from + MOST_AT_ONCE));
    }
  };

  private sendSoon(): void {
    if (this.isDue || this.cancelWait !== undefined) return;
    if (this.underWay > 0) {
      this.cancelWait = this.clock.after(LONGEST_WAIT_MS, this.send);
      return;
    }
    this.isDue = true;
    setImmediate(this.send);
  }

  private async answer(asked: readonly [Asked, ...Asked[]][]): Promise<void> {
    this.underWay += 1;
    try {
      const rows = await this.find(asked.map(([{ key }]) => key));
      for (const same of asked) for (const { resolve } of same) resolve(rows.get(same[0].key));
    } catch (error) {
      for (const same of asked) for (const { reject } of same) reject(error);
    } finally {
      this.underWay -= 1;
      if (this.cancelWait !== undefined) this.send();
    }
  }
}
