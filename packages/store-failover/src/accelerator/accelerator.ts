import { StoreError } from '@mooring/session-store';
import type { SessionCopies } from '@mooring/session-store';
import type { FailoverState, Telling } from '../observer.ts';
import type { Timer } from '../timer.ts';
import type { Breaker } from './breaker.ts';
import type { Notices } from './notices.ts';

/** The copies behind their breaker. A call of them never fails its caller: it has an answer, or none. */
export class Accelerator {
  private condition: FailoverState;
  private heard: string | undefined;

  constructor(
    private readonly copies: SessionCopies,
    private readonly breaker: Breaker,
    private readonly notices: Notices,
    private readonly telling: Telling,
    private readonly timer: Timer,
  ) {
    this.condition = { mode: 'degraded', reason: 'unknown', since: timer.wall() };
  }

  get state(): FailoverState {
    return this.condition;
  }

  get interruptions(): number {
    return this.copies.interruptions;
  }

  /** The answer in a box, or undefined when there is none: it failed, or was not tried. */
  async attempt<T>(call: (copies: SessionCopies) => Promise<T>): Promise<{ readonly answer: T } | undefined> {
    if (!this.breaker.letsThrough()) return undefined;
    try {
      const answer = await call(this.copies);
      this.breaker.succeeded();
      if (this.breaker.isClosed) this.answered();
      return { answer };
    } catch (cause) {
      this.breaker.failed();
      this.telling.event('failure');
      if (!this.breaker.isClosed) this.away(cause);
      return undefined;
    }
  }

  /** Another process uses copies in this epoch, so the accelerator may be back. Answers whether that is news. */
  hearOf(epoch: string): boolean {
    if (this.breaker.isClosed || this.heard === epoch) return false;
    this.heard = epoch;
    this.breaker.retrySoon();
    return true;
  }

  private answered(): void {
    if (this.condition.mode === 'accelerated') return;
    this.change({ mode: 'accelerated', reason: null, since: this.timer.wall() });
    this.notices.connected();
  }

  private away(cause: unknown): void {
    const reason = cause instanceof StoreError ? cause.code : 'unknown';
    const { mode, since } = this.condition;
    if (mode === 'accelerated' || this.condition.reason !== reason) {
      this.change({ mode: 'degraded', reason, since: mode === 'degraded' ? since : this.timer.wall() });
    }
    this.notices.away(cause);
  }

  private change(state: FailoverState): void {
    this.condition = state;
    this.telling.state(state);
  }
}
