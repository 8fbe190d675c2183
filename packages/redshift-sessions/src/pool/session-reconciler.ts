import type { EpochMs, PoolSlot } from '@mooring/session-store';
import type { ListedSession } from '../data-api/data-api.ts';
import { TargetPool } from './target-pool.ts';
import type { TargetPoolParts } from './target-pool.ts';

export interface ReconciliationRun {
  /**
   * How long a lease must be over, and a session open, before a session is closed: longer than a process may take to
   * register what it opened (`resolveUnknownMs`), and than a store's list may be behind.
   */
  readonly graceMs: number;
  /**
   * Closes sessions that no slot knows, too. Only where nothing else opens sessions with this IAM identity at this
   * warehouse: ListSessions shows all of them, also another program's.
   */
  readonly closeUnknown?: boolean;
  /** Closes nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** Counts of sessions, as seen in one look at the warehouse and at the pool. */
export interface Reconciliation {
  /** Open at the warehouse, of this IAM identity. */
  readonly open: number;
  /** Slots that count against the caps. */
  readonly slots: number;
  /** Slots whose session the warehouse has closed. They stop counting by themselves. */
  readonly gone: number;
  /** Changed sessions whose holder let its lease end: nobody is given one. */
  readonly abandoned: number;
  /** Sessions that no slot knows. */
  readonly unknown: number;
  /** Told to close, of the abandoned and the unknown; in a dry run, those that would be. */
  readonly closed: { readonly abandoned: number; readonly unknown: number };
  /** More is to close: one look closes up to 100, and none after an abort. */
  readonly more: boolean;
}

/** A call each, of the quota that statements have too. */
const MOST_CLOSED = 100;

/**
 * Compares the pool with what the warehouse says is open. A changed session that its holder abandoned is closed: its open
 * transaction and locks would last as long as its keep-alive. So is a session that no slot knows, where that is asked for.
 * A busy session is never touched, nor one that a process may still be given or hold.
 */
export class SessionReconciler {
  private readonly at: TargetPool;

  constructor(private readonly parts: TargetPoolParts) {
    this.at = new TargetPool(parts);
  }

  /** Two tasks at once do no harm: both would close the same sessions. Throws a `DataApiError` or a `StoreError`. */
  async run({ graceMs, closeUnknown = false, dryRun = false, signal }: ReconciliationRun): Promise<Reconciliation> {
    // Sessions first: one that opens meanwhile is not among them, one that is registered meanwhile is among the slots.
    const sessions = await this.sessions();
    const slots = await this.slots();
    const now = this.at.clock.now();
    const pooled = new Map(slots.flatMap((slot) => (slot.sessionId === null ? [] : [[slot.sessionId, slot] as const])));
    const open = new Set(sessions.map(({ sessionId }) => sessionId));

    const abandoned = sessions.filter(({ sessionId }) => isAbandoned(pooled.get(sessionId)));
    const unknown = sessions.filter(({ sessionId }) => !pooled.has(sessionId));
    const closable = [
      ...abandoned.filter(({ sessionId }) => isOver(pooled.get(sessionId)?.leaseExpiresAt, now - graceMs)),
      ...(closeUnknown ? unknown.filter(({ createdAt }) => isOver(createdAt, now - graceMs)) : []),
    ].filter(({ status }) => status === 'AVAILABLE');

    const closed = { abandoned: 0, unknown: 0 };
    let looked = 0;
    for (const { sessionId } of closable.slice(0, MOST_CLOSED)) {
      if (signal?.aborted === true) break;
      looked += 1;
      if (!dryRun && !(await this.at.care.close(sessionId))) continue;
      closed[pooled.has(sessionId) ? 'abandoned' : 'unknown'] += 1;
    }
    return {
      open: sessions.length,
      slots: slots.length,
      gone: slots.filter(({ sessionId, state }) => sessionId !== null && state !== 'draining' && !open.has(sessionId))
        .length,
      abandoned: abandoned.length,
      unknown: unknown.length,
      closed,
      more: looked < closable.length,
    };
  }

  private async sessions(): Promise<readonly ListedSession[]> {
    const { clusterIdentifier, workgroupName } = this.parts.place;
    const listed = await this.parts.api.listSessions(
      clusterIdentifier === undefined ? { WorkgroupName: workgroupName } : { ClusterIdentifier: clusterIdentifier },
    );
    return listed.filter(({ status }) => status !== 'CLOSED');
  }

  private async slots(): Promise<readonly PoolSlot[]> {
    const slots: PoolSlot[] = [];
    for await (const slot of this.at.slots()) slots.push(slot);
    return slots;
  }
}

function isAbandoned(slot: PoolSlot | undefined): boolean {
  return slot?.state === 'abandoned' && slot.dirty;
}

function isOver(at: EpochMs | null | undefined, before: EpochMs): boolean {
  return typeof at === 'number' && at <= before;
}
