import { randomInt } from 'node:crypto';
import { Client } from 'pg';

/** Keeps statements in the warehouse running until it is opened, however long everything else takes. */
export interface Gate {
  /** What such a statement selects; an empty text when the gate is open. */
  readonly passage: string;
  open(): Promise<void>;
}

/** @param url of the database behind the warehouse */
export async function closedGate(url: string): Promise<Gate> {
  const key = randomInt(2 ** 31);
  const keeper = new Client({ connectionString: url });
  // A spec that fails leaves its gate closed; the end of the database ends it.
  keeper.on('error', () => {});
  await keeper.connect();
  await keeper.query('select pg_advisory_lock($1)', [key]);
  return { passage: `pg_advisory_xact_lock_shared(${key})::text`, open: () => keeper.end() };
}
