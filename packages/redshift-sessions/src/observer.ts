/** What the pool and the executor report, per tenant, as it happens. All methods are optional and must not throw. */
export interface WarehouseObserver {
  /** A statement ran on a session that was open already. */
  sessionHit?(tenantId: string): void;
  /** A statement had to open a session, or ran without one. */
  sessionMiss?(tenantId: string): void;
  sessionCreated?(tenantId: string): void;
  /** A session was found closed, or too old or too long unused to be used again. */
  sessionExpired?(tenantId: string): void;
  /** Milliseconds that a statement waited for a session. */
  sessionWaited?(tenantId: string, waitedMs: number): void;
  /** Milliseconds that a statement held a session. */
  sessionHeld?(tenantId: string, heldMs: number): void;
  /** Something that should not happen, or that an operator wants to know; `message` holds no SQL and no secret. */
  warning?(message: string, error?: unknown): void;
}
