import { ProblemError } from '@mooring/nest-runtime';

const MIB = 1_048_576;

/** What the results of one tenant take. */
export class TenantSpace {
  writers = 0;
  private usedBytes = 0;
  readonly counted: Promise<void>;

  constructor(
    private readonly mostBytes: number,
    counting: Promise<number>,
  ) {
    this.counted = counting.then((bytes) => {
      this.usedBytes += bytes;
    });
  }

  /** @throws ProblemError `result_too_large` */
  take(bytes: number): void {
    if (this.usedBytes + bytes > this.mostBytes) {
      const detail =
        `The kept results of a tenant take ${this.mostBytes / MIB} MiB at most, and this one does not fit: ask for less, ` +
        'or wait until older ones are 24 hours old.';
      throw new ProblemError('result_too_large', detail);
    }
    this.usedBytes += bytes;
  }

  giveBack(bytes: number): void {
    this.usedBytes -= bytes;
  }
}

/**
 * Counts exactly what this process writes. What others write into the same folder is seen when the first of the tenant's
 * results under way here begins.
 */
export class TenantSpaces {
  private readonly spaces = new Map<string, TenantSpace>();

  constructor(
    private readonly mostBytes: number,
    private readonly count: (tenant: string) => Promise<number>,
  ) {}

  async enter(tenant: string): Promise<TenantSpace> {
    const space = this.spaces.get(tenant) ?? new TenantSpace(this.mostBytes, this.count(tenant));
    this.spaces.set(tenant, space);
    space.writers += 1;
    try {
      await space.counted;
    } catch (error) {
      this.leave(tenant, space);
      throw error;
    }
    return space;
  }

  leave(tenant: string, space: TenantSpace): void {
    space.writers -= 1;
    if (space.writers === 0) this.spaces.delete(tenant);
  }
}
