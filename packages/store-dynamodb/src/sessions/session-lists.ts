import type { Page, PageRequest, SessionOwner, SessionSummary } from '@mooring/session-store';
import { encodeCursor, listName } from '@mooring/session-store/adapter';
import type { Validation } from '@mooring/session-store/adapter';
import { PARTITIONS } from '../keys.ts';
import type { Keys } from '../keys.ts';
import type { DynamoTable } from '../table/dynamo-table.ts';
import type { Item } from '../table/item.ts';
import { BY_SUBJECT } from '../table/table-definition.ts';
import type { CutOffs } from './cut-offs.ts';
import { deathOf, isLost, placeOf, placesOf, summaryOf } from './session-item.ts';

/** A page ends early rather than looking for live sessions among dead ones for ever. */
const MOST_QUERIES = 10;
/** How many partitions are asked at once for the sessions of a whole tenant, at first and at most. */
const FIRST_PARTITIONS = 2;
const MOST_PARTITIONS = 32;

interface Live {
  readonly items: readonly SessionSummary[];
  /** The last item that was looked at, where there may be more. */
  readonly next: Item | undefined;
}

/** Pages of a subject's sessions, or of a tenant's, partition after partition. */
export class SessionLists {
  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly cutOffs: CutOffs,
    private readonly validation: Validation,
    private readonly namespace: string,
  ) {}

  async list(owner: SessionOwner, page: PageRequest): Promise<Page<SessionSummary>> {
    const operation = 'sessions.list';
    const { tenantId } = owner;
    const subjectId = owner.subjectId ?? null;
    this.validation.owner(operation, owner);
    const list = listName('dynamodb.sessions', this.namespace, tenantId, subjectId);
    const position = this.validation.position(operation, list, page, [0, ''] as const);
    const [start, after] = page.cursor === undefined ? [] : position;
    return subjectId === null
      ? this.ofTenant(operation, tenantId, list, page.limit, start ?? 0, after === '' ? undefined : after)
      : this.ofSubject(operation, tenantId, subjectId, list, page.limit, start, after);
  }

  private async ofSubject(
    operation: string,
    tenantId: string,
    subjectId: string,
    list: string,
    limit: number,
    createdAt: number | undefined,
    id: string | undefined,
  ): Promise<Page<SessionSummary>> {
    const pk = this.keys.subjectSessions(tenantId, subjectId);
    const items: SessionSummary[] = [];
    let after: Item | undefined =
      createdAt === undefined || id === undefined ? undefined : { pk, sk: id, ix: placeOf(subjectId, createdAt, id) };
    for (let queries = 0; queries < MOST_QUERIES; queries++) {
      const found = await this.table.query(operation, {
        index: BY_SUBJECT,
        where: 'pk = :pk AND begins_with(ix, :places)',
        values: { pk, places: placesOf(subjectId) },
        limit: limit - items.length,
        newestFirst: true,
        whole: true,
        after,
      });
      items.push(...(await this.summaries(operation, tenantId, found.items)));
      const last = found.items.at(-1);
      if (last !== undefined) after = { pk, sk: last['sk'], ix: last['ix'] };
      if (found.next === undefined) return { items };
      after = found.next;
      if (items.length >= limit) break;
    }
    const { sk = '', ix = '' } = after ?? {};
    const created = Number(String(ix).slice(placesOf(subjectId).length).split('/')[0]);
    return { items, cursor: encodeCursor(list, [created, String(sk)]) };
  }

  private async ofTenant(
    operation: string,
    tenantId: string,
    list: string,
    limit: number,
    start: number,
    after: string | undefined,
  ): Promise<Page<SessionSummary>> {
    if (start < 0 || start >= PARTITIONS.length) {
      throw this.validation.invalid(operation, 'cursor is not one of this list; take it from the page before');
    }
    const items: SessionSummary[] = [];
    let width = FIRST_PARTITIONS;
    for (let first = start; first < PARTITIONS.length;) {
      const asked = PARTITIONS.slice(first, first + width);
      const reads = await Promise.all(
        asked.map((partition, place) =>
          this.ofPartition(operation, tenantId, partition, limit, first + place === start ? after : undefined),
        ),
      );
      for (const [place, { items: found, next }] of reads.entries()) {
        const room = limit - items.length;
        const shown = found.slice(0, room);
        items.push(...shown);
        const at = first + place;
        if (found.length > room || next !== undefined) {
          const here = shown.at(-1)?.id ?? (at === start ? after : undefined);
          const last = found.length > room ? here : idOf(next);
          return { items, cursor: encodeCursor(list, [at, last ?? '']) };
        }
        if (items.length === limit && at + 1 < PARTITIONS.length) {
          return { items, cursor: encodeCursor(list, [at + 1, '']) };
        }
      }
      first += asked.length;
      width = widthFor(limit - items.length, asked.length, reads);
    }
    return { items };
  }

  private async ofPartition(
    operation: string,
    tenantId: string,
    partition: string,
    limit: number,
    after: string | undefined,
  ): Promise<Live> {
    const pk = this.keys.sessions(tenantId, partition);
    const found = await this.table.query(operation, {
      where: after === undefined ? 'pk = :pk' : 'pk = :pk AND sk > :after',
      values: { pk, after },
      limit,
    });
    return { items: await this.summaries(operation, tenantId, found.items), next: found.next };
  }

  /** Those of the items that live. */
  private async summaries(operation: string, tenantId: string, items: readonly Item[]): Promise<SessionSummary[]> {
    const now = this.table.now();
    const alive: SessionSummary[] = [];
    for (const item of items) {
      if (deathOf(operation, item, now) !== undefined) continue;
      if (isLost(item) && (await this.cutOffs.cuts(operation, tenantId, item)) !== undefined) continue;
      alive.push(summaryOf(operation, tenantId, item));
    }
    return alive;
  }
}

/** So many partitions as may fill the page, if the next ones have as many sessions as these. */
function widthFor(room: number, asked: number, reads: readonly Live[]): number {
  const found = reads.reduce((sum, { items }) => sum + items.length, 0);
  return Math.min(found === 0 ? 4 * asked : Math.ceil((room * asked) / found), MOST_PARTITIONS);
}

function idOf(item: Item | undefined): string | undefined {
  const id = item?.['sk'];
  return typeof id === 'string' ? id : undefined;
}
