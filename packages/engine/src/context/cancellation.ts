/** What a statement asks of the signal that ends it. Every AbortSignal is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  /** @throws the reason */
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/**
 * An AbortController and its signal in one, for inside of a process: a statement needs several, and those of the platform cost
 * more than the rest of its way through the executor.
 */
export class Cancellation implements CancelSignal {
  private isAborted = false;
  private because: unknown;
  private readonly listeners = new Set<() => void>();

  get aborted(): boolean {
    return this.isAborted;
  }

  get reason(): unknown {
    return this.because;
  }

  /** The first time counts. */
  abort(reason: Error): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.because = reason;
    for (const listener of this.listeners) listener();
    this.listeners.clear();
  }

  throwIfAborted(): void {
    if (this.isAborted) throw this.because;
  }

  /** Told once; not at all if it is aborted already, as of an AbortSignal. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.isAborted) this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }
}
