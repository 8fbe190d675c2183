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

/**
 * Asks for all that is asked for within one turn of the event loop at once, in one round trip: the namespace and the tables
 * of a statement, and those of other requests. Nothing is kept: the database is asked after each of them asked.
 */
export class FoundTogether {
  private asked: Asked[] = [];

  constructor(private readonly find: FindRows) {}

  row(key: CatalogKey): Promise<CatalogRow | undefined> {
    return new Promise((resolve, reject) => {
      if (this.asked.length === 0) setImmediate(() => this.send());
      this.asked.push({ key, resolve, reject });
    });
  }

  /** At once: for who will not be asked later. */
  send(): void {
    const asked = this.asked;
    this.asked = [];
    for (let from = 0; from < asked.length; from += MOST_AT_ONCE) {
      void answer(asked.slice(from, from + MOST_AT_ONCE), this.find);
    }
  }
}

async function answer(asked: readonly Asked[], find: FindRows): Promise<void> {
  try {
    const rows = await find(asked.map(({ key }) => key));
    for (const { key, resolve } of asked) resolve(rows.get(key));
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}
