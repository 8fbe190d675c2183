import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '@mooring/engine';
import type { CancelTimer, Clock } from '@mooring/session-store';
import { translate } from '../errors.ts';
import type { Stop } from './stop.ts';
import type { Turns } from './turns.ts';

/** A call that DuckDB has not begun yet forgets an interruption, so it is repeated until the call ends. */
const INTERRUPT_EVERY_MS = 25;
const PROGRESS_EVERY_MS = 100;

export interface CallParts {
  readonly native: DuckDBConnection;
  readonly tenantId: string;
  readonly turns: Turns;
  readonly clock: Clock;
}

export interface CallRequest {
  readonly stop: Stop;
  readonly sql: string;
  /** Stopped only before DuckDB works on it. */
  readonly isWhole?: boolean;
  readonly onProgress?: ((progress: number) => void) | undefined;
}

/** The calls of one connection into DuckDB: each waits for its turn, ends when its statement is stopped, fails translated. */
export class ConnectionCalls {
  readonly #native: DuckDBConnection;
  readonly #tenantId: string;
  readonly #turns: Turns;
  readonly #clock: Clock;
  #cancelInterrupt: CancelTimer = () => {};

  constructor({ native, tenantId, turns, clock }: CallParts) {
    this.#native = native;
    this.#tenantId = tenantId;
    this.#turns = turns;
    this.#clock = clock;
  }

  async call<T>({ stop, sql, isWhole, onProgress }: CallRequest, work: () => Promise<T>): Promise<T> {
    await this.#turn(stop);
    const stopInterrupting = isWhole === true ? undefined : stop.onStop(() => this.#interrupt());
    const stopReporting = onProgress === undefined ? undefined : this.#report(onProgress);
    try {
      stop.throwIfStopped();
      stop.enterCall();
      return await work();
    } catch (cause) {
      const error = translate(cause, sql);
      throw stop.isStopped && error.code === 'cancelled' ? stop.error() : error;
    } finally {
      stop.leaveCall();
      stopInterrupting?.();
      stopReporting?.();
      this.#cancelInterrupt();
      this.#turns.release(this.#tenantId);
    }
  }

  #turn(stop: Stop): Promise<void> {
    if (stop.isStopped) return Promise.reject(stop.error());
    if (this.#turns.tryTake(this.#tenantId)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const endWait = this.#turns.wait(this.#tenantId, () => {
        forget();
        resolve();
      });
      const forget = stop.onStop(() => {
        endWait();
        reject(stop.error());
      });
    });
  }

  #interrupt(): void {
    this.#native.interrupt();
    this.#cancelInterrupt = this.#clock.after(INTERRUPT_EVERY_MS, () => this.#interrupt());
  }

  #report(onProgress: (progress: number) => void): () => void {
    let cancel: CancelTimer = () => {};
    const next = (): void => {
      cancel = this.#clock.after(PROGRESS_EVERY_MS, () => {
        const { percentage } = this.#native.progress;
        if (percentage >= 0) onProgress(Math.min(percentage / 100, 1));
        next();
      });
    };
    next();
    return () => cancel();
  }
}

/** Of a statement that runs into one that has not ended. */
export function busyError(): EngineError {
  return new EngineError({
    code: 'in_use',
    message: 'Another statement of the connection has not ended. Consume its batches or close it first.',
  });
}
