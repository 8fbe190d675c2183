import { partitionOf } from '@mooring/session-store';
import type { Page, PageRequest, SessionOwner, SessionSummary } from '@mooring/session-store';
import { encodeCursor, listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import { PARTITIONS, Places } from '../keys.ts';
import type { Keys } from '../keys.ts';
import type { RedisServer } from '../server.ts';
import { LIST } from './scripts.ts';
import { recordOf } from './session-row.ts';

/** A page ends early rather than holding the server up, or filling the line. */
const MOST_LOOKS = 5000;
const MOST_BYTES = 1_048_576;
/** How many partitions of a cluster are asked at once for the sessions of a whole tenant. */
const PARTITIONS_AT_ONCE = 32;

interface Read {
  readonly items: SessionSummary[];
  readonly more: boolean;
  /** Where the last item, or the last look, was. */
  readonly partition: number;
  readonly entry: string;
}

/** Pages of a subject's sessions, or of a tenant's, partition after partition. */
export class SessionLists {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
    private readonly namespace: string,
  ) {}

  async list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    const operation = 'sessions.list';
    const { tenantId } = owner;
    const subjectId = owner.subjectId ?? null;
    this.validation.owner(operation, owner);
    const list = listName('redis.sessions', this.namespace, tenantId, subjectId);
    const [start, after] = this.validation.position(operation, list, page, [0, ''] as const);
    if (start < 0 || start >= PARTITIONS.length) {
      throw this.validation.invalid(operation, 'cursor is not one of this list; take it from the page before');
    }
    let read: Read;
    if (subjectId !== null) {
      read = await this.read(tenantId, subjectId, [partitionOf(tenantId, subjectId)], after, page.limit);
    } else if (this.server.isCluster) {
      read = await this.readPartitions(tenantId, start, after, page.limit);
    } else {
      read = await this.read(tenantId, null, PARTITIONS.slice(start), after, page.limit, start);
    }
    const { items, more, partition, entry } = read;
    return more ? { items, cursor: encodeCursor(list, [partition, entry]) } : { items };
  }

  /** In a cluster each partition is in a slot of its own: some are asked at once until the page is full. */
  private async readPartitions(tenantId: string, start: number, after: string, limit: number): Promise<Read> {
    let page: Read = { items: [], more: false, partition: start, entry: after };
    for (let first = start; first < PARTITIONS.length; first += PARTITIONS_AT_ONCE) {
      const asked = PARTITIONS.slice(first, first + PARTITIONS_AT_ONCE);
      const reads = await Promise.all(
        asked.map((partition, index) => {
          const from = first + index === start ? after : '';
          return this.read(tenantId, null, [partition], from, limit, first + index);
        }),
      );
      for (const read of reads) {
        const room = limit - page.items.length;
        if (read.items.length > room || (read.items.length > 0 && room === 0)) {
          if (room === 0) return { ...page, more: true };
          const { partition } = read;
          const cut = await this.read(
            tenantId,
            null,
            [PARTITIONS[partition] ?? ''],
            partition === start ? after : '',
            room,
            partition,
          );
          return { ...cut, items: [...page.items, ...cut.items], more: true };
        }
        if (read.items.length > 0 || read.more) page = { ...read, items: [...page.items, ...read.items] };
        if (read.more) return page;
      }
    }
    return page;
  }

  private async read(
    tenantId: string,
    subjectId: string | null,
    partitions: readonly string[],
    after: string,
    limit: number,
    first = 0,
  ): Promise<Read> {
    const operation = 'sessions.list';
    const keys = new Places(
      partitions.flatMap((partition) => this.keys.partition(tenantId, partition).recordsAndIndex.names),
    );
    const ofSubject = subjectId === null ? 0 : 1;
    const [more, place, entry, ...found] = (await this.server.run(operation, LIST, keys, [
      subjectId ?? '',
      ofSubject,
      after,
      limit,
      MOST_LOOKS,
      MOST_BYTES,
    ])) as readonly [unknown, unknown, string, ...string[]];
    const items: SessionSummary[] = [];
    for (let index = 0; index < found.length; index += 2) {
      const ref = { tenantId, id: found[index] ?? '' };
      const { verifier: _, ...summary } = recordOf(operation, ref, found[index + 1] ?? '');
      items.push(summary);
    }
    return { items, more: Number(more) === 1, partition: first + Number(place), entry };
  }
}
