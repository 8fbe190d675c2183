interface Waiting {
  readonly tenantId: string;
  readonly go: () => void;
}

/**
 * Takes turns of calls into DuckDB: at most `most` at one time, since each takes a thread of Node's pool, and of these at
 * most `mostPerTenant` of one tenant, so that a tenant alone can't take them all. First come, first served, but for those
 * whose tenant has its share.
 */
export class Turns {
  readonly #most: number;
  readonly #mostPerTenant: number;
  readonly #running = new Map<string, number>();
  readonly #waiting: Waiting[] = [];
  #count = 0;

  constructor(most: number, mostPerTenant: number) {
    this.#most = most;
    this.#mostPerTenant = mostPerTenant;
  }

  get running(): number {
    return this.#count;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Whether there is a turn now; who gets one hands it back. */
  tryTake(tenantId: string): boolean {
    if (this.#count >= this.#most || this.#ofTenant(tenantId) >= this.#mostPerTenant) return false;
    this.#start(tenantId);
    return true;
  }

  /** Calls `go` when there is a turn. The function that it gives ends the wait; after `go` it does nothing. */
  wait(tenantId: string, go: () => void): () => void {
    const waiting = { tenantId, go };
    this.#waiting.push(waiting);
    return () => {
      const at = this.#waiting.indexOf(waiting);
      if (at >= 0) this.#waiting.splice(at, 1);
    };
  }

  release(tenantId: string): void {
    const left = this.#ofTenant(tenantId) - 1;
    if (left > 0) this.#running.set(tenantId, left);
    else this.#running.delete(tenantId);
    this.#count -= 1;
    const next = this.#waiting.findIndex((waiting) => this.#ofTenant(waiting.tenantId) < this.#mostPerTenant);
    if (next < 0) return;
    const [{ tenantId: nextTenant, go }] = this.#waiting.splice(next, 1) as [Waiting];
    this.#start(nextTenant);
    go();
  }

  #start(tenantId: string): void {
    this.#running.set(tenantId, this.#ofTenant(tenantId) + 1);
    this.#count += 1;
  }

  #ofTenant(tenantId: string): number {
    return this.#running.get(tenantId) ?? 0;
  }
}
