import type { WarehouseObserver } from '@mooring/redshift-sessions';

export interface Counts {
  readonly hits: number;
  readonly misses: number;
  readonly opened: number;
}

/** What the pool reports of each tenant, by the observer that a service's metrics are made of. */
export class SessionCounts implements WarehouseObserver {
  private readonly tenants = new Map<string, { hits: number; misses: number; opened: number }>();
  readonly warnings: string[] = [];

  sessionHit(tenantId: string): void {
    this.of(tenantId).hits += 1;
  }

  sessionMiss(tenantId: string): void {
    this.of(tenantId).misses += 1;
  }

  sessionCreated(tenantId: string): void {
    this.of(tenantId).opened += 1;
  }

  warning(message: string): void {
    this.warnings.push(message);
  }

  /** Of several tenants together. */
  sum(tenantIds: readonly string[]): Counts {
    const all = tenantIds.map((tenantId) => this.of(tenantId));
    return {
      hits: all.reduce((sum, { hits }) => sum + hits, 0),
      misses: all.reduce((sum, { misses }) => sum + misses, 0),
      opened: all.reduce((sum, { opened }) => sum + opened, 0),
    };
  }

  reset(): void {
    this.tenants.clear();
  }

  private of(tenantId: string): { hits: number; misses: number; opened: number } {
    let counts = this.tenants.get(tenantId);
    if (counts === undefined) this.tenants.set(tenantId, (counts = { hits: 0, misses: 0, opened: 0 }));
    return counts;
  }
}
