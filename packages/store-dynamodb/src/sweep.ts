import { ok, refused } from '@mooring/session-store';
import type { EpochMs, Result, SweepBatch, SweepRequest } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { DUE_SHARDS } from './keys.ts';
import type { ItemKey, Keys } from './keys.ts';
import type { DynamoLeases } from './leases.ts';
import type { CutOffs } from './sessions/cut-offs.ts';
import type { DynamoTable } from './table/dynamo-table.ts';
import type { Item } from './table/item.ts';
import { BY_DUE } from './table/table-definition.ts';

const MOST_AT_ONCE = 25;
/** How long a record that can't be read is left alone. */
const LEFT_ALONE_MS = 86_400_000;

const DEAD = 'endsAt <= :now OR (idleAt <= :now AND attribute_not_exists(revokedAt))';

const LOOKED_AT = 'pk, sk, dueAt, idleAt, endsAt, revokedAt, tenant, subject, reason, notBefore, spared';

interface Progress {
  looked: number;
  deleted: number;
  more: boolean;
  oldest: EpochMs | null;
  /** The fence is another item than what is swept: who writes later must ask it again. */
  fencedUntil: EpochMs;
  stale: boolean;
}

/**
 * Deletes dead sessions in bounded batches, by an index of when each may be dead. A touch leaves the index as it is: a
 * session that lives on gets its new place there from the sweep that finds it. All else ends by DynamoDB's time to live,
 * as sessions do that no sweep comes to.
 */
export class Sweeps {
  constructor(
    private readonly table: DynamoTable,
    private readonly keys: Keys,
    private readonly validation: Validation,
    private readonly leases: DynamoLeases,
    private readonly cutOffs: CutOffs,
  ) {}

  async run(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    const operation = 'sweep';
    this.validation.sweep(request);
    const { target, fence } = request;
    const progress: Progress = { looked: 0, deleted: 0, more: false, oldest: null, fencedUntil: 0, stale: false };
    if (fence === undefined && target !== 'sessions') await this.table.get(operation, this.keys.nothing());
    await this.passFence(operation, request, progress);
    if (target === 'sessions' && !progress.stale) await this.sweepSessions(operation, request, progress);
    if (progress.stale) return refused('stale');
    const { deleted, more, oldest } = progress;
    return ok({ deleted, more, oldestExpiredAgeMs: oldest === null ? null : this.table.now() - oldest });
  }

  private async passFence(operation: string, { fence }: SweepRequest, progress: Progress): Promise<void> {
    if (fence === undefined || this.table.now() < progress.fencedUntil) return;
    const until = await this.leases.passFence(operation, fence.lease, fence.fencingToken);
    progress.stale = until === undefined;
    progress.fencedUntil = until ?? 0;
  }

  private async sweepSessions(operation: string, request: SweepRequest, progress: Progress): Promise<void> {
    const now = this.table.now();
    const mostLooks = Math.max(1000, 4 * request.limit);
    let left = DUE_SHARDS.map((shard) => ({ shard, after: undefined as Item | undefined }));
    while (left.length > 0 && !progress.more && !progress.stale) {
      const pages = await Promise.all(
        left.map(async ({ shard, after }) => ({
          shard,
          ...(await this.table.query(operation, {
            index: BY_DUE,
            where: 'dueIn = :dueIn AND dueAt <= :now',
            values: { dueIn: this.keys.due(shard), now },
            limit: Math.min(request.limit + 1, 100),
            consistent: false,
            after,
          })),
        })),
      );
      for (const { items } of pages) {
        if (progress.more || progress.stale) break;
        await this.sweepItems(operation, items, request, progress, now);
      }
      left = pages.flatMap(({ shard, next }) => (next === undefined ? [] : [{ shard, after: next }]));
      // Live ones that were due are not deleted, but one call does not look at all of them.
      if (left.length > 0 && progress.looked >= mostLooks) progress.more = true;
    }
  }

  private async sweepItems(
    operation: string,
    due: readonly Item[],
    request: SweepRequest,
    progress: Progress,
    now: EpochMs,
  ): Promise<void> {
    const { limit, dryRun = false } = request;
    progress.looked += due.length;
    const keys = due.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
    // The index may be a little behind.
    for (const items of inChunks(await this.table.getAll(operation, keys, LOOKED_AT), MOST_AT_ONCE)) {
      await this.passFence(operation, request, progress);
      if (progress.stale) return;
      const dead = items.filter((item) => !this.keys.isCutOff(keyOf(item)) && (deadlineOf(item) ?? Infinity) <= now);
      const room = limit - progress.deleted;
      if (dead.length > room) progress.more = true;
      const removed = await Promise.all(
        dead.slice(0, room).map(async (item) => {
          return dryRun || (await this.table.remove(operation, keyOf(item), DEAD, { now }))
            ? deadlineOf(item)
            : undefined;
        }),
      );
      for (const deadline of removed) {
        if (deadline === undefined) continue;
        progress.deleted++;
        progress.oldest = Math.min(progress.oldest ?? Infinity, deadline);
      }
      if (!dryRun)
        await Promise.all(items.filter((item) => !dead.includes(item)).map((item) => this.keep(operation, item, now)));
      if (progress.more) return;
    }
  }

  /** What was due and is not dead: looked at again when it may be, or finished. */
  private async keep(operation: string, item: Item, now: EpochMs): Promise<void> {
    const { dueAt } = item;
    if (typeof dueAt !== 'number' || dueAt > now) return;
    if (this.keys.isCutOff(keyOf(item))) return this.cutOffs.finish(operation, item);
    await this.table.update(operation, {
      key: keyOf(item),
      change: 'SET dueAt = :next',
      when: 'dueAt = :dueAt',
      values: { dueAt, next: deadlineOf(item) ?? now + LEFT_ALONE_MS },
      answer: 'none',
      current: false,
    });
  }
}

function keyOf({ pk, sk }: Item): ItemKey {
  return { pk: String(pk), sk: String(sk) };
}

/** When a session or a tombstone is garbage; undefined where that can't be read. */
function deadlineOf({ revokedAt, idleAt, endsAt }: Item): EpochMs | undefined {
  if (typeof endsAt !== 'number') return undefined;
  if (revokedAt !== undefined) return endsAt;
  return typeof idleAt === 'number' ? Math.min(idleAt, endsAt) : undefined;
}

function inChunks<T>(items: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
