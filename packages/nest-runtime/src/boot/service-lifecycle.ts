/** Whether the service is on its way down. Handlers that wait should stop waiting when `signal` aborts. */
export class ServiceLifecycle {
  private readonly shutdown = new AbortController();

  get draining(): boolean {
    return this.shutdown.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.shutdown.signal;
  }

  beginDrain(): void {
    this.shutdown.abort();
  }
}
