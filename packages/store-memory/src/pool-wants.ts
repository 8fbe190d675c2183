import type { EpochMs, PoolKey, PoolRefusal } from '@mooring/session-store';
import { keyOf } from './key.ts';
import type { MemorySpace } from './memory-space.ts';
import type { SlotRow } from './pool-slot.ts';
import type { Table } from './table.ts';

interface Want {
  readonly target: string;
  readonly holder: string;
  /** Null: a session of any key of the target would help. */
  readonly key: PoolKey | null;
  readonly until: EpochMs;
}

/** Who was refused a session, and for how long that is remembered. */
export class PoolWants {
  private readonly rows: Table<Want>;
  private readonly ofTarget = new Map<string, Map<string, Want>>();

  constructor(space: MemorySpace) {
    this.rows = space.table<Want>({
      deadline: ({ until }) => until,
      characters: ({ target, holder }) => 2 * (target.length + holder.length),
      removed: (want) => this.unindex(want),
    });
  }

  /** A full store remembers none: only the fairness between processes suffers. */
  remember(key: PoolKey, holder: string, refusal: PoolRefusal, until: EpochMs): void {
    const want: Want = { target: key.target, holder, key: refusal === 'key_full' ? { ...key } : null, until };
    const name = nameOf(want);
    if (this.rows.get(name) !== undefined) this.rows.put(name, want);
    else if (!this.rows.offer(name, want)) return;
    let wants = this.ofTarget.get(key.target);
    if (wants === undefined) this.ofTarget.set(key.target, (wants = new Map()));
    wants.set(name, want);
  }

  /** Whether another holder was refused for want of a session like this one. */
  isWanted(slot: SlotRow, now: EpochMs): boolean {
    for (const { holder, key, until } of this.ofTarget.get(slot.key.target)?.values() ?? []) {
      if (until <= now || holder === slot.holder) continue;
      if (key === null || (key.tenantId === slot.key.tenantId && key.identity === slot.key.identity)) return true;
    }
    return false;
  }

  private unindex(want: Want): void {
    const wants = this.ofTarget.get(want.target);
    wants?.delete(nameOf(want));
    if (wants?.size === 0) this.ofTarget.delete(want.target);
  }
}

function nameOf({ target, holder, key }: Want): string {
  return key === null ? keyOf(target, holder) : keyOf(target, holder, key.tenantId, key.identity);
}
