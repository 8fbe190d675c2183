import { ProblemError } from '@mooring/nest-runtime';

/** A query has a connection and a file open; it takes its turns with the tenant's others in any case. */
const MOST_OF_TENANT = 32;

/** How many queries of a tenant run on the engine of this process at one time. */
export class TenantPlaces {
  private readonly taken = new Map<string, number>();

  constructor(private readonly mostOfTenant = MOST_OF_TENANT) {}

  /** The answer gives the place back. @throws ProblemError `engine_busy` */
  take(tenantId: string): () => void {
    const taken = this.taken.get(tenantId) ?? 0;
    if (taken >= this.mostOfTenant) {
      const detail = `Your tenant has ${taken} queries running on the engine of this process, which is the most.`;
      throw new ProblemError('engine_busy', detail);
    }
    this.taken.set(tenantId, taken + 1);
    return () => this.giveBack(tenantId);
  }

  private giveBack(tenantId: string): void {
    const left = (this.taken.get(tenantId) ?? 0) - 1;
    if (left > 0) this.taken.set(tenantId, left);
    else this.taken.delete(tenantId);
  }
}
