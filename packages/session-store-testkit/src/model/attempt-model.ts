import type { AttemptPolicy, EpochMs } from '@mooring/session-store';

/** What the contract says of one key. */
export class AttemptModel {
  /** Newest last; no more than lock the key. */
  private failures: { readonly at: EpochMs; readonly id: string | undefined }[] = [];
  private locks = 0;
  private lockedUntil: EpochMs = 0;

  constructor(private readonly policy: AttemptPolicy) {}

  fail(id: string | undefined, now: EpochMs): void {
    const { limit, lockStepsMs } = this.policy;
    this.forget(now);
    if (this.lockedUntil > now) return;
    if (id !== undefined && this.failures.some((one) => one.id === id)) return;
    this.failures = [...this.failures, { at: now, id }].slice(-limit);
    if (this.failures.length < limit) return;
    this.lockedUntil = now + (lockStepsMs[Math.min(this.locks, lockStepsMs.length - 1)] ?? 0);
    this.locks += 1;
  }

  clear(): void {
    this.failures = [];
    this.locks = 0;
    this.lockedUntil = 0;
  }

  state(now: EpochMs): { readonly failures: number; readonly lockedUntil: EpochMs | null } {
    this.forget(now);
    return { failures: this.failures.length, lockedUntil: this.lockedUntil > now ? this.lockedUntil : null };
  }

  /** A failure counts for as long as the window; the steps start over after a quiet time. */
  private forget(now: EpochMs): void {
    const { windowMs, resetAfterMs } = this.policy;
    const quietSince = Math.max(this.failures.at(-1)?.at ?? 0, this.lockedUntil);
    if (now - quietSince >= resetAfterMs) this.locks = 0;
    this.failures = this.failures.filter(({ at }) => now - at < windowMs);
  }
}
