/** What all tenants beyond the first ones are counted under. */
const OTHER = 'other';

/**
 * Tenants as values of a label, of which there must not be many: each is a series of its own for as long as the process
 * lives. The first `most` that come have their name, the rest are `other`.
 */
export class TenantNames {
  private readonly named = new Set<string>();

  constructor(private readonly most: number) {}

  of(tenantId: string): string {
    if (this.named.has(tenantId)) return tenantId;
    if (this.named.size >= this.most) return OTHER;
    this.named.add(tenantId);
    return tenantId;
  }
}
