import { ok, refused } from '@mooring/session-store';
import type { EpochMs, Result, SweepBatch, SweepRequest } from '@mooring/session-store';
import type { Validation } from '@mooring/session-store/adapter';
import { PARTITIONS, Places } from './keys.ts';
import type { Keys } from './keys.ts';
import { PASS_FENCE } from './leases.ts';
import type { RedisServer } from './server.ts';
import { DUE_TENANTS, SWEEP } from './sessions/scripts.ts';

/** How long one script may look for what is dead: a few milliseconds. */
const LOOKS = 500;
const TENANTS_AT_ONCE = 100;

/** Answered by a sweep whose fence was too long ago. */
const FENCE_OVER = -1;

interface Progress {
  deleted: number;
  more: boolean;
  oldest: number;
  /** The fence is somewhere else than what is swept: a sweep of a later time must ask it again. */
  fencedUntil: EpochMs | undefined;
}

interface DuePartition {
  readonly partition: string;
  readonly tenantId: string;
}

/**
 * Deletes dead sessions in bounded batches. Limits, attempts, budgets, leases and slots are collected by the server or
 * by the next call on their key, so there is nothing to sweep of them.
 */
export class Sweeps {
  constructor(
    private readonly server: RedisServer,
    private readonly keys: Keys,
    private readonly validation: Validation,
  ) {}

  async run(request: SweepRequest): Promise<Result<SweepBatch, 'stale'>> {
    this.validation.sweep(request);
    if (request.fence === undefined && request.target !== 'sessions') await this.server.time('sweep');
    const progress: Progress = { deleted: 0, more: false, oldest: -1, fencedUntil: undefined };
    if (!(await this.passFence(request, progress))) return refused('stale');
    if (request.target === 'sessions' && !(await this.sweepSessions(request, progress))) return refused('stale');
    const { deleted, more, oldest } = progress;
    return ok({ deleted, more, oldestExpiredAgeMs: oldest < 0 ? null : oldest });
  }

  private async passFence({ fence }: SweepRequest, progress: Progress): Promise<boolean> {
    if (fence === undefined) return true;
    const until = await this.server.run('sweep', PASS_FENCE, this.keys.lease(fence.lease), [fence.fencingToken]);
    if (until === null) return false;
    progress.fencedUntil = Number(until);
    return true;
  }

  /** False when another has passed the fence. */
  private async sweepSessions(request: SweepRequest, progress: Progress): Promise<boolean> {
    // Few tenants of a partition are asked for at once; those that are left become visible when these are done.
    for (let due = await this.due(); due.length > 0; due = await this.due()) {
      for (const one of due) {
        if (!(await this.sweepPartition(one, request, progress))) return false;
        if (progress.more) return true;
      }
      if (request.dryRun === true) return true;
    }
    return true;
  }

  private async due(): Promise<DuePartition[]> {
    const groups = this.server.isCluster ? PARTITIONS.map((partition) => [partition]) : [PARTITIONS];
    const answers = await Promise.all(
      groups.map(async (partitions) => {
        const keys = new Places(partitions.map((partition) => this.keys.tenants(partition)));
        const found = (await this.server.run('sweep', DUE_TENANTS, keys, [TENANTS_AT_ONCE])) as readonly unknown[];
        const due: DuePartition[] = [];
        for (let index = 0; index < found.length; index += 2) {
          due.push({ partition: partitions[Number(found[index])] ?? '', tenantId: String(found[index + 1]) });
        }
        return due;
      }),
    );
    return answers.flat();
  }

  private async sweepPartition(
    { partition, tenantId }: DuePartition,
    request: SweepRequest,
    progress: Progress,
  ): Promise<boolean> {
    const { limit, dryRun = false } = request;
    const keys = this.keys.partition(tenantId, partition).all;
    for (;;) {
      const room = limit - progress.deleted;
      const args = [tenantId, room, dryRun ? 1 : '', LOOKS, progress.fencedUntil ?? ''];
      const answer = (await this.server.run('sweep', SWEEP, keys, args)) as readonly unknown[];
      const [deleted = 0, more = 0, oldest = -1] = answer.map(Number);
      if (deleted === FENCE_OVER) {
        if (!(await this.passFence(request, progress))) return false;
        continue;
      }
      progress.deleted += deleted;
      progress.oldest = Math.max(progress.oldest, oldest);
      progress.more = more === 1 || (more === 2 && dryRun);
      if (more !== 2 || dryRun) return true;
    }
  }
}
