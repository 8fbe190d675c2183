/** A call under way, and how it is ended when it takes too long. */
export interface LimitedCall {
  due: number;
  end(limitMs: number): void;
}

/**
 * Ends calls that take too long. The limit of all of them is the same, so they are due in the order of their beginning,
 * and one timer for the oldest serves all.
 */
export class TimeLimit {
  private readonly calls = new Set<LimitedCall>();
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly limitMs: number) {}

  begin(call: LimitedCall): void {
    call.due = performance.now() + this.limitMs;
    this.calls.add(call);
    this.timer ??= this.checkIn(this.limitMs);
  }

  finish(call: LimitedCall): void {
    this.calls.delete(call);
  }

  private check(): void {
    this.timer = undefined;
    const now = performance.now();
    for (const call of this.calls) {
      if (call.due > now) {
        this.timer = this.checkIn(Math.ceil(call.due - now));
        return;
      }
      this.calls.delete(call);
      call.end(this.limitMs);
    }
  }

  /** What is waited for keeps the process alive, not this. */
  private checkIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.check(), ms).unref();
  }
}
