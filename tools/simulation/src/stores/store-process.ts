import { AuthTokens } from '@mooring/auth-tokens';
import type { StoreBackend } from '@mooring/session-store';
import { SessionSweeper } from '@mooring/session-sweeper';
import { BudgetLedger, RateLimiter } from '@mooring/usage-limits';
import { Line } from '../kernel/line.ts';
import type { Sabotage } from '../kernel/scenario.ts';
import { SimulatedProcess } from '../kernel/simulated-process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { storeFailure, storeOver } from '../kernel/store-over-line.ts';

export const ROTATION_GRACE_MS = 800;
export const BUDGET_LIMIT = 100;
export const RATE = { limit: 4, windowMs: 3_000 };

/** A process with what stands on the stores: tokens, limits, budgets, leases and a sweeper. */
export class StoreProcess extends SimulatedProcess {
  readonly line: Line;
  readonly store: StoreBackend;
  readonly tokens: AuthTokens;
  readonly limiter: RateLimiter;
  readonly ledger: BudgetLedger;
  readonly sweeper: SessionSweeper;
  /** The clock that its code reads. */
  readonly ownClock: SimulatedProcess['clock'];

  constructor(name: string, simulation: Simulation, server: StoreBackend, sabotage: Sabotage) {
    super(name, simulation);
    const pace = { latencyMs: 10, lateMs: 3_000, timeoutMs: 1_000, failure: storeFailure };
    this.line = new Line(simulation, this, 'store', pace);
    this.store = storeOver(this.line, server);
    this.ownClock = sabotage.clock?.(this.clock) ?? this.clock;
    const { store, ownClock: clock } = this;
    this.tokens = new AuthTokens({
      sessions: store.sessions,
      clock,
      options: {
        lifetime: { idleTimeoutMs: 9_000, lifetimeMs: 20_000 },
        touchIntervalMs: 500,
        rotationGraceMs: ROTATION_GRACE_MS,
      },
    });
    this.limiter = new RateLimiter(store.limits, [{ name: 'messages', scope: 'user', ...RATE }]);
    this.ledger = new BudgetLedger({
      budgets: store.budgets,
      clock,
      policies: [{ name: 'rows', scope: 'tenant', limit: BUDGET_LIMIT, period: 'day' }],
    });
    this.sweeper = new SessionSweeper({
      store,
      clock,
      random: simulation.luck,
      options: { batchSize: 3, pauseMs: 200, budgetMs: 8_000, leaseTtlMs: 2_500, retryDelayMs: 100 },
    });
  }
}
