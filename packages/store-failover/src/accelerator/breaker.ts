import type { Timer } from '../timer.ts';

export interface BreakerSettings {
  readonly failuresToOpen: number;
  readonly firstRetryMs: number;
  readonly longestRetryMs: number;
  readonly timer: Timer;
  readonly random: () => number;
}

/**
 * Leaves alone what keeps failing. Closed: every call is let through. Open: none, until a while has passed; then one call
 * is let through, and its outcome decides. The while doubles with each failure, and varies, so that processes do not come
 * all at once. It begins open, with the first call let through.
 */
export class Breaker {
  private state: 'closed' | 'open' | 'probing' = 'open';
  private failures = 0;
  private retryMs = 0;
  private probeAt = -Infinity;

  constructor(private readonly settings: BreakerSettings) {}

  get isClosed(): boolean {
    return this.state === 'closed';
  }

  /** Whether a call may be made now. One that was let through must be followed by `succeeded` or `failed`. */
  letsThrough(): boolean {
    if (this.state === 'closed') return true;
    if (this.state === 'probing' || this.settings.timer.now() < this.probeAt) return false;
    this.state = 'probing';
    return true;
  }

  succeeded(): void {
    if (this.state === 'open') return;
    this.state = 'closed';
    this.failures = 0;
    this.retryMs = 0;
  }

  failed(): void {
    if (this.state === 'open') return;
    this.failures += 1;
    if (this.state === 'closed' && this.failures < this.settings.failuresToOpen) return;
    const { firstRetryMs, longestRetryMs, timer, random } = this.settings;
    this.retryMs = Math.min(longestRetryMs, Math.max(firstRetryMs, this.retryMs * 2));
    this.probeAt = timer.now() + this.retryMs * (0.5 + random() / 2);
    this.state = 'open';
  }

  /** There is reason to believe that it would succeed: the next call is let through. */
  retrySoon(): void {
    this.probeAt = -Infinity;
  }
}
