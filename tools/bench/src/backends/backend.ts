import type { StoreBackend } from '@mooring/session-store';
import type { Stock } from '../stock/stock.ts';
import type { Contender } from '../stores/contender.ts';

export interface ServerSettings {
  /** As in production: what is acknowledged is on disk (PostgreSQL), or within a second (Redis). */
  readonly durable: boolean;
}

export interface OpenSettings {
  /** How long each chunk takes on its way there, and on its way back. 0 is without a proxy. */
  readonly delayMs: number;
}

/** The store and what it is compared with, each on connections of its own with the same settings. */
export interface Rivals {
  readonly store: StoreBackend;
  /** The first one that has an operation is what it is compared with. Without any, the store is compared with itself. */
  readonly raw: readonly Contender[];
  readonly peers: readonly Contender[];
  /** Requests that the store has sent, where its times mean little. */
  readonly requests?: () => number;
  /** Once the sessions are there: statistics, and whatever else a server does sooner or later. */
  tidy(): Promise<void>;
  close(): Promise<void>;
}

export interface RunningBackend {
  /** On empty data. */
  open(settings: OpenSettings): Promise<Rivals>;
  /** On empty data, for very many sessions. */
  readonly openStock?: () => Promise<Stock>;
  /** Peers that keep sessions here, by their names: bytes that so many take, on empty data. */
  readonly peerBytes?: Readonly<Record<string, (sessions: number) => Promise<number>>>;
  stop(): Promise<void>;
}

export type Measured = 'ratios' | 'load' | 'sweep' | 'memory';

/** A backend as the benchmarks start it. */
export interface BenchBackend {
  readonly name: string;
  /** Whether there is a line to a server, which can be delayed. */
  readonly remote: boolean;
  /** Whether anything was promised of its speed. */
  readonly promised: boolean;
  /** How much of the usual number of sessions and calls is enough; all of it when absent. */
  readonly effort?: number;
  /** What is measured of it: `stores` are ratios and load. `sweep` and `memory` need a stock. */
  readonly measured: readonly Measured[];
  start(settings: ServerSettings): Promise<RunningBackend>;
}

export function openStockOf({ openStock }: RunningBackend): Promise<Stock> {
  if (openStock === undefined) throw new Error('a backend without a stock is in a benchmark that needs one');
  return openStock();
}

/** Closes what was opened, the last first. */
export class Ends {
  private readonly ends: (() => unknown)[] = [];

  add(end: () => unknown): void {
    this.ends.push(end);
  }

  async all(): Promise<void> {
    for (let end = this.ends.pop(); end !== undefined; end = this.ends.pop()) await end();
  }
}
