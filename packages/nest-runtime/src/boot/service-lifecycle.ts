/** Whether the service is on its way down. Handlers that wait should stop waiting when `signal` aborts. */
export class ServiceLifecycle {
  private readonly shutdown = new AbortController();
  private readonly held = new Set<Promise<unknown>>();

  get draining(): boolean {
    return this.shutdown.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.shutdown.signal;
  }

  beginDrain(): void {
    this.shutdown.abort();
  }

  /** Work that no request waits for, such as a statement that was answered with its id: a shutdown lets it end. */
  holdFor(work: Promise<unknown>): void {
    const end = (): void => void this.held.delete(work);
    this.held.add(work);
    work.then(end, end);
  }

  /** When nothing is held any more. */
  async idle(): Promise<void> {
    while (this.held.size > 0) await Promise.allSettled(this.held);
  }
}
