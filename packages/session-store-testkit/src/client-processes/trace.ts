import type { StoreBackend, SweepTarget } from '@mooring/session-store';

const RETRYABLE = new Set(['unavailable', 'timeout', 'throttled', 'conflict']);

interface Told {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly outcome?: unknown;
  readonly retryable?: unknown;
}

export function outcomeOf(failure: unknown): unknown {
  return (failure as Told | null)?.outcome;
}

/** Whether a failure is what a store may answer while its server is away, wherever the store is. */
export function isTypedFailure(failure: unknown): boolean {
  const { name, code, outcome, retryable } = (failure ?? {}) as Told;
  const isKnown = outcome === 'not_applied' || outcome === 'unknown';
  return name === 'StoreError' && RETRYABLE.has(String(code)) && retryable === true && isKnown;
}

/** What one kind of work on a store was told: what it asked for, what was acknowledged, and what it can't know. */
export abstract class Trace {
  acknowledged = 0;
  /** Calls that ended without an answer: each may have happened or not. */
  unknown = 0;
  longestCallMs = 0;
  private readonly failureMs: number[] = [];

  constructor(
    readonly kind: SweepTarget,
    readonly tenantId: string,
  ) {}

  /** How long a call takes that fails: the median, so that a machine that stands still now and then does not count. */
  get typicalFailureMs(): number {
    return this.failureMs.toSorted((one, other) => one - other)[Math.floor(this.failureMs.length / 2)] ?? 0;
  }

  /** Some calls in a row. Fails with the first that fails. */
  abstract step(store: StoreBackend): Promise<void>;

  /**
   * What was acknowledged is there, and nothing is that was refused or never asked for.
   * @param survived whether what was acknowledged has to be there
   */
  abstract verify(store: StoreBackend, survived: boolean): Promise<void>;

  /** @param notApplied told when the call certainly had no effect */
  protected async ask<T>(call: Promise<T>, notApplied?: () => void): Promise<T> {
    const started = performance.now();
    try {
      const answer = await call;
      this.acknowledged += 1;
      return answer;
    } catch (failure) {
      this.failureMs.push(performance.now() - started);
      if (outcomeOf(failure) === 'not_applied') notApplied?.();
      else this.unknown += 1;
      throw failure;
    } finally {
      this.longestCallMs = Math.max(this.longestCallMs, performance.now() - started);
    }
  }
}
