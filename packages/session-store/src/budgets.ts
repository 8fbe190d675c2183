import type { EpochMs } from './clock.ts';
import type { Result } from './result.ts';

export interface BudgetScope {
  /** Who spends and in which period, as the caller names it: `tenant:acme:2026-11`. */
  readonly name: string;
  /** The most that settled and reserved amounts may sum to; a whole number of the caller's smallest unit. */
  readonly limit: number;
  /** When the scope's period ends; its rows are kept until then. */
  readonly endsAt: EpochMs;
}

export interface BudgetRequest {
  readonly tenantId: string;
  readonly scopes: readonly BudgetScope[];
  /** A whole number >= 0. */
  readonly amount: number;
  /** After this the reservation returns by itself. */
  readonly ttlMs: number;
  /** Names the reservation. Reserving again with it answers the first reservation and changes nothing. */
  readonly reservationId: string;
}

export interface BudgetUsage {
  readonly name: string;
  readonly settled: number;
  readonly reserved: number;
}

export interface Reservation {
  readonly reservationId: string;
  readonly expiresAt: EpochMs;
  readonly usage: readonly BudgetUsage[];
}

export interface ReservationRef {
  readonly tenantId: string;
  readonly reservationId: string;
}

/** Money, tokens or seconds: what it costs is known only afterwards, so reserve before, settle after. */
export interface BudgetStore {
  /** In all scopes or in none. `exceeded` when settled + reserved + amount would pass a limit. */
  reserve(request: BudgetRequest): Promise<Result<Reservation, 'exceeded'>>;
  /**
   * Replaces the reservation by what it really cost. Settling more than reserved is recorded whole: it was spent.
   * Settling again answers the first settlement. A reservation that expired meanwhile is recorded as well.
   */
  settle(ref: ReservationRef, actual: number): Promise<Result<readonly BudgetUsage[], 'not_found'>>;
  /**
   * Gives the reservation back. The first of settle and release decides: each later one changes nothing and answers what
   * the first one answered.
   */
  release(ref: ReservationRef): Promise<Result<readonly BudgetUsage[], 'not_found'>>;
  usage(tenantId: string, scopes: readonly string[]): Promise<readonly BudgetUsage[]>;
}

export const BudgetStore = Symbol('BudgetStore');
