import { EngineError } from '@mooring/engine';
import type { CancelSignal } from '@mooring/engine';
import type { CancelTimer, Clock } from '@mooring/session-store';

/** `closed`: its connection ended. `left`: its result was closed. */
export type StopReason = 'timeout' | 'too_busy' | 'cancelled' | 'closed' | 'left';

export interface StopParts {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: CancelSignal | undefined;
}

/** What can end one statement: its time, its caller, the end of its connection. The first of them counts. */
export class Stop {
  readonly #timeoutMs: number;
  readonly #signal: CancelSignal | undefined;
  readonly #cancelTimer: CancelTimer;
  readonly #listeners = new Set<() => void>();
  readonly #onAbort = (): void => this.stop('cancelled');
  #reason: StopReason | undefined;
  #hasRun = false;
  #isInCall = false;

  constructor({ clock, timeoutMs, signal }: StopParts) {
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#cancelTimer = clock.after(timeoutMs, () =>
      this.stop(this.#hasRun || this.#isInCall ? 'timeout' : 'too_busy'),
    );
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.stop('cancelled');
  }

  /** The statement runs: from now on, what is too late ran too long, and did not wait too long. */
  begin(): void {
    this.#hasRun = true;
  }

  /** DuckDB works on it: to prepare it, to run it, for more rows. */
  enterCall(): void {
    this.#isInCall = true;
  }

  leaveCall(): void {
    this.#isInCall = false;
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  get isStopped(): boolean {
    return this.#reason !== undefined;
  }

  stop(reason: StopReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Calls at once if it is stopped already. The function that it gives takes the listener away. */
  onStop(listener: () => void): () => void {
    if (this.isStopped) listener();
    else this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  throwIfStopped(): void {
    if (this.#reason !== undefined) throw this.error();
  }

  error(): EngineError {
    switch (this.#reason) {
      case 'timeout':
        return failure('timeout', `The statement ran longer than the ${this.#timeoutMs} ms that it has.`);
      case 'too_busy':
        return failure(
          'too_busy',
          `The statement waited ${this.#timeoutMs} ms for others of its tenant or engine to end. It did not run.`,
          true,
        );
      case 'left':
        return failure('cancelled', 'The result was closed before its end.');
      case 'closed':
        return failure('cancelled', 'The statement ended with its connection.');
      default:
        return failure('cancelled', 'The statement was cancelled.');
    }
  }

  /** The statement is over: lets go of the timer and the signal. */
  end(): void {
    this.#cancelTimer();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#listeners.clear();
  }
}

function failure(code: 'timeout' | 'too_busy' | 'cancelled', message: string, retryable = false): EngineError {
  return new EngineError({ code, message, retryable });
}
