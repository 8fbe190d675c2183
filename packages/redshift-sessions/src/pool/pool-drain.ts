import { randomUUID } from 'node:crypto';
import type { PoolSlot } from '@mooring/session-store';
import { DEFAULTS } from '../options.ts';
import { TargetPool } from './target-pool.ts';
import type { TargetPoolParts } from './target-pool.ts';

const LONGEST_KEEP_ALIVE_MS = 86_400_000;

export interface DrainRun {
  /** Closes nothing. */
  readonly dryRun?: boolean;
  /** Ends after the session that is being closed. */
  readonly signal?: AbortSignal;
  /** Called after each session; must not throw. */
  readonly onProgress?: (drained: Drained) => void;
}

/** Counts of sessions. */
export interface Drained {
  /** Told to close; in a dry run, those that would be. */
  readonly closed: number;
  /** The warehouse did not take the order: they end with their keep-alive, and count until then. */
  readonly refused: number;
  /** Held by processes, opening, or left behind by a process that died: not touched. They are idle when that is over. */
  readonly inUse: number;
}

/**
 * Closes the sessions of a target that nobody holds, of all tenants: before maintenance, after a change of rights or of
 * search paths, or to make room. Processes that serve meanwhile open new ones.
 */
export class PoolDrain {
  private readonly at: TargetPool;

  constructor(private readonly parts: TargetPoolParts) {
    this.at = new TargetPool(parts);
  }

  /** Slots that count, of all tenants or of one. Throws a `StoreError`. */
  slots(tenantId?: string): AsyncGenerator<PoolSlot, void, undefined> {
    return this.at.slots(tenantId);
  }

  /** Throws a `StoreError`. */
  async run({ dryRun = false, signal, onProgress }: DrainRun = {}): Promise<Drained> {
    const aliveUntil = new Map<string, number>();
    let inUse = 0;
    for await (const slot of this.slots()) {
      if (isFree(slot)) aliveUntil.set(slot.slotId, slot.aliveUntil);
      else if (slot.state !== 'draining') inUse += 1;
    }
    const { clock, care, target } = this.at;
    if (dryRun) return { closed: aliveUntil.size, refused: 0, inUse };
    const holder = `drain-${randomUUID()}`;
    let drained: Drained = { closed: 0, refused: 0, inUse };
    // What is given back meanwhile is closed too, but no more than were there: else this would never end beside a service.
    for (let count = aliveUntil.size; count > 0 && signal?.aborted !== true; count -= 1) {
      const leaseId = randomUUID();
      const { leaseTtlMs } = DEFAULTS;
      const reclaimed = await this.parts.pool.reclaim({ target, holder, leaseId, leaseTtlMs });
      if (!reclaimed.ok) break;
      const { slotId, sessionId } = reclaimed.value;
      const closed = sessionId === null || (await care.close(sessionId));
      const now = clock.now();
      const keptMs = Math.max(0, (aliveUntil.get(slotId) ?? now + LONGEST_KEEP_ALIVE_MS) - now);
      await this.parts.pool.discard(reclaimed.value, closed ? DEFAULTS.drainMs : keptMs);
      drained = { ...drained, [closed ? 'closed' : 'refused']: drained[closed ? 'closed' : 'refused'] + 1 };
      onProgress?.(drained);
    }
    return drained;
  }
}

/** As `reclaim` sees it: nobody holds it, or who held it left it changed and never came back. */
function isFree({ state, dirty }: PoolSlot): boolean {
  return state === 'idle' || (state === 'abandoned' && dirty);
}
