import { createHash, randomUUID } from 'node:crypto';
import { sessionIdFrom } from '@mooring/session-store';
import type { EpochMs, SessionRecord, SessionStore } from '@mooring/session-store';
import { LONGEST_LIFETIME_MS } from '@mooring/session-store/adapter';

/** In which copies count, and whose. */
export interface Epoch {
  /** Random; every copy has the one in which it was kept. */
  readonly id: string;
  /** The incarnation whose copies count; null when none do. */
  readonly home: string | null;
  /** How long what a process knows of this epoch may be believed. Processes with other settings keep to it too. */
  readonly staleMs: number;
  /** How long a process must have known it until no other believes in an epoch before it. */
  readonly settleMs: number;
  /** Of its record; 0 when there is none that lives. */
  readonly version: number;
  /** When its record ends. Copies are not used shortly before. */
  readonly endsAt: EpochMs;
}

/** No tenant of an application may have this name. */
export const EPOCH_TENANT = 'mooring.failover';
export const SHORTEST_STALENESS_MS = 20;
export const LONGEST_STALENESS_MS = 60_000;

const owner = { tenantId: EPOCH_TENANT, subjectId: null };
const REF = {
  tenantId: EPOCH_TENANT,
  id: sessionIdFrom(owner, createHash('sha256').update('the epoch of copies').digest()),
};

/** Nobody believes in anything: there was no epoch yet, or its record ended, which all stopped believing in before. */
const NONE: Epoch = {
  id: 'none',
  home: null,
  staleMs: SHORTEST_STALENESS_MS,
  settleMs: 0,
  version: 0,
  endsAt: 0,
};

/**
 * The epoch as the authority keeps it: one session record, which has what is needed of it. It is there for all processes,
 * durable where sessions are, and changed by compare-and-set in one round trip.
 */
export class EpochRecord {
  constructor(
    private readonly sessions: SessionStore,
    private readonly staleMs: number,
  ) {}

  async read(): Promise<Epoch> {
    const found = await this.sessions.get(REF);
    return found.ok ? epochOf(found.value) : NONE;
  }

  /**
   * Begins another epoch in the place of `current`; undefined when that is no longer the current one. `isSettled`: the
   * caller has known `current` for its `settleMs`.
   */
  async begin(current: Epoch, home: string | null, isSettled: boolean): Promise<Epoch | undefined> {
    // Clocks of two processes differ in pace by far less than the twentieth part.
    const believedMs = current.staleMs * 1.05 + 5;
    const settleMs = isSettled ? believedMs : Math.max(believedMs, current.settleMs);
    const data = { epoch: randomUUID(), home, staleMs: this.staleMs, settleMs };
    const lifetime = { idleTimeoutMs: LONGEST_LIFETIME_MS, lifetimeMs: LONGEST_LIFETIME_MS };
    const result =
      current.version === NONE.version
        ? await this.sessions.create({ ...REF, ...owner, ...lifetime, data }, { replace: 'dead' })
        : await this.sessions.update(REF, current.version, { data });
    return result.ok ? epochOf(result.value) : undefined;
  }
}

function epochOf({ version, data, absoluteExpiresAt, idleExpiresAt }: SessionRecord): Epoch {
  const { epoch, home, staleMs, settleMs } = data;
  const endsAt = Math.min(absoluteExpiresAt, idleExpiresAt);
  return typeof epoch === 'string' && typeof staleMs === 'number' && typeof settleMs === 'number'
    ? { id: epoch, home: typeof home === 'string' ? home : null, staleMs, settleMs, version, endsAt }
    : { ...NONE, id: `version ${version}`, version, endsAt, settleMs: LONGEST_STALENESS_MS * 1.05 };
}
