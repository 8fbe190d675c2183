import type { CancelSignal, EngineError } from '@mooring/engine';
import type { CancelTimer, Clock } from '@mooring/session-store';
import { failure } from '../errors.ts';

export interface StopParts {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: CancelSignal | undefined;
}

type Reason = 'timeout' | 'cancelled' | 'closed';

/** What ends a statement before its time: its caller, its connection, or the clock. */
export class Stop {
  readonly #controller = new AbortController();
  readonly #parts: StopParts;
  readonly #cancelTimer: CancelTimer;
  readonly #onAbort = (): void => this.stop('cancelled');

  constructor(parts: StopParts) {
    this.#parts = parts;
    this.#cancelTimer = parts.clock.after(parts.timeoutMs, () => this.stop('timeout'));
    parts.signal?.addEventListener('abort', this.#onAbort);
    if (parts.signal?.aborted === true) this.stop('cancelled');
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why it was stopped; undefined while it was not. */
  get error(): EngineError | undefined {
    return this.signal.aborted ? (this.signal.reason as EngineError) : undefined;
  }

  stop(reason: Reason): void {
    if (!this.signal.aborted) this.#controller.abort(this.#errorOf(reason));
  }

  throwIfStopped(): void {
    this.signal.throwIfAborted();
  }

  /** The warehouse is done: from now on, time is the reader's. */
  ran(): void {
    this.#cancelTimer();
  }

  /** The statement is over: lets go of the timer and the signal. */
  end(): void {
    this.#cancelTimer();
    this.#parts.signal?.removeEventListener('abort', this.#onAbort);
  }

  #errorOf(reason: Reason): EngineError {
    if (reason === 'timeout') {
      const message = `The statement took longer than the ${this.#parts.timeoutMs} ms that it has.`;
      return failure({ code: 'timeout', message });
    }
    const message = reason === 'closed' ? 'The statement ended with its connection.' : 'The statement was cancelled.';
    return failure({ code: 'cancelled', message });
  }
}
