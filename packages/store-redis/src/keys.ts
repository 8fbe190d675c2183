import { partitionOf } from '@mooring/session-store';
import type { LimitKey, LimitRule, SessionRef } from '@mooring/session-store';

/** What would be a glob, a hash tag or the separator of parts. */
const SPECIAL = /[%:{}*?[\]^\\]/g;
const PARTITION = /^[0-9a-f]{2}$/;

/** A name as a part of a key: no two lists of names meet in one key, and none can move a key to another slot. */
export function escaped(name: string): string {
  return name.replace(SPECIAL, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

export const PARTITIONS: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  index.toString(16).padStart(2, '0'),
);

/** The partition of an id. Ids without a subject may begin with anything; they are spread over the same 256. */
export function partitionOfId(id: string): string {
  const start = id.slice(0, 2);
  return PARTITION.test(start) ? start : partitionOf('', start);
}

/** The keys of one namespace. What one operation touches has one hash tag, so it is in one slot of a cluster. */
export class Keys {
  private readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = escaped(namespace);
  }

  /** Records, index, what is due next, of one tenant's partition; then the tenants of the partition. */
  partition(tenantId: string, partition: string): string[] {
    const own = this.ownOf(tenantId, partition);
    return [`${own}:sessions`, `${own}:index`, `${own}:due`, this.tenants(partition)];
  }

  session(ref: SessionRef): string[] {
    return this.partition(ref.tenantId, partitionOfId(ref.id));
  }

  /** The records and the index that a session is in. */
  listed(ref: SessionRef): string[] {
    const own = this.ownOf(ref.tenantId, partitionOfId(ref.id));
    return [`${own}:sessions`, `${own}:index`];
  }

  /** The records that a session is among. */
  record(ref: SessionRef): string[] {
    return [`${this.ownOf(ref.tenantId, partitionOfId(ref.id))}:sessions`];
  }

  subject(tenantId: string, subjectId: string): string[] {
    return this.partition(tenantId, partitionOf(tenantId, subjectId));
  }

  private ownOf(tenantId: string, partition: string): string {
    return `${this.namespace}:${escaped(tenantId)}:{${partition}}`;
  }

  /** Tenants that have sessions in the partition, by when the first may be dead. */
  tenants(partition: string): string {
    return `${this.namespace}:{${partition}}:tenants`;
  }

  limit({ tenantId, name }: LimitKey, { limit, windowMs }: LimitRule): string[] {
    const own = `${this.namespace}:{${escaped(tenantId)}:${escaped(name)}}:limit:${limit}:${windowMs}`;
    return [own, `${own}:ids`];
  }

  attempt(tenantId: string, scope: string, value: string): string {
    return `${this.namespace}:{${escaped(tenantId)}}:attempt:${scope}:${escaped(value)}`;
  }

  budgets(tenantId: string): string[] {
    const own = `${this.namespace}:{${escaped(tenantId)}}:budget`;
    return [`${own}:scopes`, `${own}:reservations`, `${own}:held`, `${own}:due`];
  }

  lease(name: string): string[] {
    const own = `${this.namespace}:{${escaped(name)}}:lease`;
    return [own, `${own}:fence`];
  }

  pool(target: string): string[] {
    const own = `${this.namespace}:{${escaped(target)}}:pool`;
    return [`${own}:slots`, `${own}:wants`];
  }
}
