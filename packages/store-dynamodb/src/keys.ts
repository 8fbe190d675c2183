import { createHash } from 'node:crypto';
import { partitionOf } from '@mooring/session-store';
import type { LimitKey, LimitRule, SessionRef } from '@mooring/session-store';

/** The key of an item. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

const PARTITION = /^[0-9a-f]{2}$/;
/** The sort key of an item that is alone under its `pk`. */
const ALONE = '-';

/**
 * A tenant's sessions are in so many partitions: a part of the 256 that ids tell. Each takes about 1000 writes a second;
 * a list of the whole tenant asks all of them.
 */
const PARTITION_COUNT = 64;

export const PARTITIONS: readonly string[] = Array.from({ length: PARTITION_COUNT }, (_, index) => nameOf(index));

/** What is due is spread over so many partitions of the index. */
export const DUE_SHARDS: readonly string[] = Array.from({ length: 16 }, (_, index) => index.toString(16));

/** A name as a part of a key: no two lists of names meet in one key. */
export function escaped(name: string): string {
  return name.replace(/[%/]/g, (character) => (character === '%' ? '%25' : '%2F'));
}

/** Names of any number and length as a part of a key of bounded length, without telling them. */
export function digestOf(...names: readonly (string | number)[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url');
}

function nameOf(partition: number): string {
  return partition.toString(16).padStart(2, '0');
}

/** The partition of an id. Ids without a subject may begin with anything; they are spread over the same ones. */
function partitionOfId(id: string): string {
  const start = id.slice(0, 2);
  const hash = PARTITION.test(start) ? start : partitionOf('', start);
  return nameOf(Number.parseInt(hash, 16) % PARTITION_COUNT);
}

/** The keys of one namespace. Every `pk` begins with it, then what the item is, then the tenant where it has one. */
export class Keys {
  private readonly namespace: string;

  constructor(namespace: string) {
    this.namespace = escaped(namespace);
  }

  session({ tenantId, id }: SessionRef): ItemKey {
    return { pk: this.sessions(tenantId, partitionOfId(id)), sk: id };
  }

  /** The sessions of a tenant's partition. */
  sessions(tenantId: string, partition: string): string {
    return `${this.namespace}/session/${escaped(tenantId)}/${partition}`;
  }

  subjectSessions(tenantId: string, subjectId: string): string {
    return this.sessions(tenantId, partitionOfId(partitionOf(tenantId, subjectId)));
  }

  /** A subject's `notBefore`. */
  cutOff(tenantId: string, subjectId: string): ItemKey {
    return this.alone('cutoff', escaped(tenantId), digestOf(subjectId));
  }

  isCutOff({ pk }: ItemKey): boolean {
    return pk.startsWith(`${this.namespace}/cutoff/`);
  }

  /** Creations under way of a subject whose sessions are counted. */
  claims(tenantId: string, subjectId: string): ItemKey {
    return this.alone('claims', escaped(tenantId), digestOf(subjectId));
  }

  due(shard: string): string {
    return `${this.namespace}/due/${shard}`;
  }

  limit({ tenantId, name }: LimitKey, { limit, windowMs }: LimitRule): ItemKey {
    return this.alone('limit', escaped(tenantId), digestOf(name, limit, windowMs));
  }

  attempt(tenantId: string, scope: string, value: string): ItemKey {
    return this.alone('attempt', escaped(tenantId), digestOf(scope, value));
  }

  budgets(tenantId: string): ItemKey {
    return this.alone('budgets', escaped(tenantId));
  }

  reservation(tenantId: string, reservationId: string): ItemKey {
    return this.alone('reservation', escaped(tenantId), digestOf(reservationId));
  }

  lease(name: string): ItemKey {
    return this.alone('lease', digestOf(name));
  }

  pool(target: string): ItemKey {
    return this.alone('pool', digestOf(target));
  }

  /** An item that is never there. */
  nothing(): ItemKey {
    return this.alone('nothing');
  }

  private alone(...parts: readonly string[]): ItemKey {
    return { pk: [this.namespace, ...parts].join('/'), sk: ALONE };
  }
}
