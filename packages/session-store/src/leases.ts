import type { EpochMs } from './clock.ts';
import type { Result } from './result.ts';

export interface Lease {
  readonly name: string;
  readonly holder: string;
  /** Grows with each change of holder, for ever. What the lease protects refuses a smaller one than it has seen. */
  readonly fencingToken: number;
  readonly expiresAt: EpochMs;
}

/** Mutual exclusion with a deadline. */
export interface LeaseStore {
  /** The same holder acquiring again, within its lease, extends it and keeps the token: a retry is safe. */
  acquire(name: string, holder: string, ttlMs: number): Promise<Result<Lease, 'held'>>;
  /** `lost` when the lease ended or another has it: the holder must stop. */
  renew(lease: Lease, ttlMs: number): Promise<Result<Lease, 'lost'>>;
  release(lease: Lease): Promise<Result<null, 'lost'>>;
}

export const LeaseStore = Symbol('LeaseStore');
