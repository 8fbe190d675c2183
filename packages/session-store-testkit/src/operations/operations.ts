import type { StoreBackend } from '@mooring/session-store';
import { poolOperations } from './pool-operations.ts';
import { sessionOperations } from './session-operations.ts';
import { usageOperations } from './usage-operations.ts';

/** One call of one operation, on things that are there for it. */
export interface Operation {
  /** `port.method`, and what is special about the call. */
  readonly name: string;
  /** On any client of the namespace. */
  readonly run: (store: StoreBackend) => Promise<unknown>;
}

export interface OperationOptions {
  /** The time by the clock of the client. */
  readonly now: number;
  /** Is part of every name, id, reason and piece of data that the operations hand to the store. */
  readonly word?: string;
}

/**
 * Every operation of all six ports, of `sweep` and of `ping`, in the ways that differ on the way to the backend.
 * Prepares on `store` what they work on: run each once, in order.
 */
export async function preparedOperations(
  store: StoreBackend,
  { now, word = 'w' }: OperationOptions,
): Promise<readonly Operation[]> {
  const targets = ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'] as const;
  const operations = {
    ...(await sessionOperations(store, word)),
    ...(await usageOperations(store, word, now)),
    ...(await poolOperations(store, word)),
    ...Object.fromEntries(
      targets.map((target) => [`sweep of ${target}`, (on: StoreBackend) => on.sweep({ target, limit: 10 })]),
    ),
    ping: (on: StoreBackend) => on.ping(),
  };
  return Object.entries(operations).map(([name, run]) => ({ name, run }));
}
