import { AsyncLocalStorage } from 'node:async_hooks';
import { Pool } from 'pg';

/** Counts the round trips to the database: those made on behalf of a measured statement, and all. */
export class CountingPool {
  private readonly current = new AsyncLocalStorage<{ roundTrips: number }>();
  private total = 0;
  readonly pool: Pool;

  constructor(url: string) {
    this.pool = new Pool({ connectionString: url, max: 10, keepAlive: true });
    this.pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      const counted = (...args: unknown[]): unknown => {
        this.total += 1;
        const statement = this.current.getStore();
        if (statement !== undefined) statement.roundTrips += 1;
        return query(...args);
      };
      client.query = counted as typeof client.query;
    });
  }

  /** Runs something and counts the round trips that it causes, by whatever way; those of others at the same time not. */
  async count<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly roundTrips: number }> {
    const statement = { roundTrips: 0 };
    const value = await this.current.run(statement, work);
    return { value, roundTrips: statement.roundTrips };
  }

  /** All round trips since the start, those of background work included. */
  get all(): number {
    return this.total;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
