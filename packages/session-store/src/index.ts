export { AttemptStore } from './attempts.ts';
export type { AttemptKey, AttemptPolicy, AttemptScope, AttemptState, AttemptVerdict } from './attempts.ts';
export { StoreBackend } from './backend.ts';
export type { Ping, StoreCapabilities, SweepBatch, SweepRequest, SweepTarget } from './backend.ts';
export { BudgetStore } from './budgets.ts';
export type { BudgetRequest, BudgetScope, BudgetUsage, Reservation, ReservationRef } from './budgets.ts';
export { Clock, systemClock } from './clock.ts';
export type { CancelTimer, EpochMs } from './clock.ts';
export { StoreError } from './errors.ts';
export type { StoreErrorCode, StoreErrorDetails, StoreOutcome } from './errors.ts';
export { LeaseStore } from './leases.ts';
export type { Lease } from './leases.ts';
export type { Page, PageRequest } from './page.ts';
export { RateLimitStore } from './rate-limit.ts';
export type { ConsumeOptions, LimitDecision, LimitKey, LimitRule } from './rate-limit.ts';
export { ok, refused } from './result.ts';
export type { Ok, Refused, Result } from './result.ts';
export { SessionCopies } from './session-copies.ts';
export type { FoundCopy, SessionCopy } from './session-copies.ts';
export { SESSION_ID_PATTERN, newSessionId, partitionOf, sessionIdFrom } from './session-id.ts';
export { SessionPoolStore } from './session-pool.ts';
export type {
  OpenedSession,
  PoolKey,
  PoolLease,
  PoolRefusal,
  PoolRenewal,
  PoolRequest,
  PoolSlot,
  PoolSlotState,
  RenewedLease,
  SessionLifetime,
} from './session-pool.ts';
export { RETIRED_VERIFIERS_KEPT, SessionStore } from './session.ts';
export type {
  CreateOptions,
  Digest,
  JsonValue,
  Liveness,
  NewSession,
  RevokeSelector,
  Rotation,
  SessionData,
  SessionOwner,
  SessionPatch,
  SessionRecord,
  SessionRef,
  SessionSummary,
  TouchOptions,
  TouchedSession,
} from './session.ts';
