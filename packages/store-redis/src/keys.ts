import { partitionOf } from '@mooring/session-store';
import type { LimitKey, LimitRule, SessionRef } from '@mooring/session-store';
import { word } from './server-call.ts';

/** What would be a glob or a hash tag, and what escapes. */
const SPECIAL = /[%{}*?[\]^\\]/;
const ALL_SPECIAL = /[%:{}*?[\]^\\]/g;
const PARTITION = /^[0-9a-f]{2}$/;

/** A name as a part of a key: no two lists of names meet in one key, and none can move a key to another slot. */
export function escaped(name: string): string {
  // Most names have colons and nothing else.
  if (!SPECIAL.test(name)) return name.includes(':') ? name.replaceAll(':', '%3A') : name;
  return name.replace(ALL_SPECIAL, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

export const PARTITIONS: readonly string[] = Array.from({ length: 256 }, (_, index) =>
  index.toString(16).padStart(2, '0'),
);

/** The partition of an id. Ids without a subject may begin with anything; they are spread over the same 256. */
export function partitionOfId(id: string): string {
  const start = id.slice(0, 2);
  return PARTITION.test(start) ? start : partitionOf('', start);
}

/** The keys of one command, and how they are written on the wire: places are used again and again. */
export class Places {
  private written: string | undefined;

  constructor(readonly names: string[]) {}

  /** Their count, then each of them. */
  get words(): string {
    if (this.written === undefined) {
      let text = word(`${this.names.length}`);
      for (const name of this.names) text += word(name);
      this.written = text;
    }
    return this.written;
  }
}

/** Of one tenant's partition. */
interface PartitionPlaces {
  readonly records: Places;
  readonly recordsAndIndex: Places;
  /** Records, index, what is due next; then the tenants of the partition. */
  readonly all: Places;
}

/** So many partitions are remembered, about 1 kB each. */
const MOST_REMEMBERED = 4096;

/** The keys of one namespace. What one operation touches has one hash tag, so it is in one slot of a cluster. */
export class Keys {
  private readonly namespace: string;
  private readonly remembered = new Map<string, Map<string, PartitionPlaces>>();
  private count = 0;

  /** `prefix` is what a client that was passed in puts before every key. */
  constructor(namespace: string, prefix = '') {
    this.namespace = prefix + escaped(namespace);
  }

  partition(tenantId: string, partition: string): PartitionPlaces {
    const own = `${this.namespace}:${escaped(tenantId)}:{${partition}}`;
    const [records, index] = [`${own}:sessions`, `${own}:index`];
    return {
      records: new Places([records]),
      recordsAndIndex: new Places([records, index]),
      all: new Places([records, index, `${own}:due`, this.tenants(partition)]),
    };
  }

  /** The partition that a session is in. */
  session({ tenantId, id }: SessionRef): PartitionPlaces {
    const start = id.slice(0, 2);
    const known = this.remembered.get(tenantId)?.get(start);
    return known ?? this.remember(tenantId, start, this.partition(tenantId, partitionOfId(id)));
  }

  subject(tenantId: string, subjectId: string): PartitionPlaces {
    return this.partition(tenantId, partitionOf(tenantId, subjectId));
  }

  /** Tenants that have sessions in the partition, by when the first may be dead. */
  tenants(partition: string): string {
    return `${this.namespace}:{${partition}}:tenants`;
  }

  limit({ tenantId, name }: LimitKey, { limit, windowMs }: LimitRule): Places {
    const own = `${this.namespace}:{${escaped(tenantId)}:${escaped(name)}}:limit:${limit}:${windowMs}`;
    return new Places([own, `${own}:ids`]);
  }

  attempt(tenantId: string, scope: string, value: string): string {
    return `${this.namespace}:{${escaped(tenantId)}}:attempt:${scope}:${escaped(value)}`;
  }

  budgets(tenantId: string): Places {
    const own = `${this.namespace}:{${escaped(tenantId)}}:budget`;
    return new Places([`${own}:scopes`, `${own}:reservations`, `${own}:held`, `${own}:due`]);
  }

  lease(name: string): Places {
    const own = `${this.namespace}:{${escaped(name)}}:lease`;
    return new Places([own, `${own}:fence`]);
  }

  pool(target: string): Places {
    const own = `${this.namespace}:{${escaped(target)}}:pool`;
    return new Places([`${own}:slots`, `${own}:wants`]);
  }

  private remember(tenantId: string, start: string, places: PartitionPlaces): PartitionPlaces {
    if (this.count === MOST_REMEMBERED) {
      this.remembered.clear();
      this.count = 0;
    }
    const ofTenant = this.remembered.get(tenantId) ?? new Map<string, PartitionPlaces>();
    this.remembered.set(tenantId, ofTenant.set(start, places));
    this.count += 1;
    return places;
  }
}
