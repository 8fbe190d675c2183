import type { Digest } from '@mooring/session-store';

/** A session as its user knows it. */
export interface Visitor {
  readonly tenantId: string;
  readonly subjectId: string;
  readonly id: string;
  verifier: Digest;
  version: number;
}

/** All sessions of one subject. */
export interface Household {
  readonly tenantId: string;
  readonly subjectId: string;
  readonly visitors: readonly Visitor[];
}

/** One lease on one of the sessions of a warehouse. */
export interface PoolPlace {
  readonly target: string;
  readonly leaseId: string;
}

/** What is measured, each method one call. It rejects when the answer is not the one that is meant to be measured. */
export interface Operations {
  get(visitor: Visitor): Promise<unknown>;
  /** The verifier is checked; the deadline is not due to slide. */
  verify(visitor: Visitor): Promise<unknown>;
  /** The verifier is checked and the deadline slides. */
  touch(visitor: Visitor): Promise<unknown>;
  create(visitor: Visitor): Promise<unknown>;
  /** Compare-and-set of the data; leaves the new version in the visitor. */
  update(visitor: Visitor): Promise<unknown>;
  /** Leaves the new verifier in the visitor. */
  rotate(visitor: Visitor): Promise<unknown>;
  revoke(visitor: Visitor): Promise<unknown>;
  revokeWhere(household: Household): Promise<unknown>;
  list(household: Household): Promise<unknown>;
  consume(name: string): Promise<unknown>;
  peek(name: string): Promise<unknown>;
  /** Of three counters: the address, the account and both. */
  check(account: string): Promise<unknown>;
  recordFailure(account: string): Promise<unknown>;
  reserve(reservationId: string): Promise<unknown>;
  settle(reservationId: string): Promise<unknown>;
  leaseAcquire(name: string): Promise<unknown>;
  leaseRenew(name: string): Promise<unknown>;
  /** Of a target that has idle sessions. */
  poolAcquire(place: PoolPlace): Promise<unknown>;
  poolRenew(place: PoolPlace): Promise<unknown>;
}

export type Operation = keyof Operations;

/** In the order of the report, by the names that they have there. */
export const OPERATIONS: Readonly<Record<Operation, string>> = {
  get: 'get',
  verify: 'verify (touch, not due)',
  touch: 'verify and touch (due)',
  create: 'create',
  update: 'update',
  rotate: 'rotate',
  revoke: 'revoke',
  revokeWhere: 'revokeWhere (2 sessions)',
  list: 'list (5 sessions)',
  consume: 'consume',
  peek: 'peek',
  check: 'attempts check (3 keys)',
  recordFailure: 'attempts recordFailure (3 keys)',
  reserve: 'budget reserve',
  settle: 'budget settle',
  leaseAcquire: 'lease acquire',
  leaseRenew: 'lease renew',
  poolAcquire: 'pool acquire (16 sessions)',
  poolRenew: 'pool renew',
};

/** The store, the raw client, or a peer, on connections of its own. */
export interface Contender {
  readonly name: string;
  /** How it does an operation, and what it promises less: said beside the figure. */
  readonly how?: Partial<Record<Operation, string>>;
  readonly operations: Partial<Operations>;
  /** Which of them are measured, where the others only make ready. All of them when absent. */
  readonly measured?: readonly Operation[];
  /** Puts idle sessions into a target, for `poolAcquire`. */
  readonly fillPool?: (target: string, sessions: number) => Promise<void>;
}

export function labelOf({ name, how }: Contender, operation: Operation): string {
  const does = how?.[operation];
  return does === undefined ? name : `${name}: ${does}`;
}
