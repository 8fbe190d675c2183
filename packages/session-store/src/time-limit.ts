/** A call under way, and how it is ended when it takes too long. Its neighbours are those that began before and after. */
export interface LimitedCall {
  due: number;
  earlier: LimitedCall | undefined;
  later: LimitedCall | undefined;
  end(limitMs: number): void;
}

/**
 * Ends calls that take too long. The limit of all of them is the same, so they are due in the order of their beginning,
 * and one timer for the oldest serves all.
 */
export class TimeLimit {
  private oldest: LimitedCall | undefined;
  private newest: LimitedCall | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly limitMs: number) {}

  /** The result of what was begun, or `overdue` when it takes too long. */
  of<T>(begun: Promise<T>, overdue: (limitMs: number) => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const call: LimitedCall = {
        due: 0,
        earlier: undefined,
        later: undefined,
        end: (limitMs) => reject(overdue(limitMs)),
      };
      this.begin(call);
      begun.then(
        (result) => {
          this.finish(call);
          resolve(result);
        },
        (cause: unknown) => {
          this.finish(call);
          reject(cause);
        },
      );
    });
  }

  begin(call: LimitedCall): void {
    call.due = performance.now() + this.limitMs;
    call.earlier = this.newest;
    if (this.newest === undefined) this.oldest = call;
    else this.newest.later = call;
    this.newest = call;
    this.timer ??= this.checkIn(this.limitMs);
  }

  finish(call: LimitedCall): void {
    const { earlier, later } = call;
    if (earlier !== undefined) earlier.later = later;
    else if (this.oldest === call) this.oldest = later;
    if (later !== undefined) later.earlier = earlier;
    else if (this.newest === call) this.newest = earlier;
    call.earlier = call.later = undefined;
  }

  /**
   * In a process that stood still the timer comes before the answers that arrived meanwhile: they are read first, and what
   * they answer is not ended.
   */
  private check(): void {
    setImmediate(() => this.endOverdue());
  }

  private endOverdue(): void {
    this.timer = undefined;
    const now = performance.now();
    for (let call = this.oldest; call !== undefined; call = this.oldest) {
      if (call.due > now) {
        this.timer = this.checkIn(Math.ceil(call.due - now));
        return;
      }
      this.finish(call);
      call.end(this.limitMs);
    }
  }

  /** What is waited for keeps the process alive, not this. */
  private checkIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.check(), ms).unref();
  }
}
