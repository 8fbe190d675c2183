import type { PoolLease, SessionPoolStore } from '@mooring/session-store';
import type { SimulatedProcess } from '../kernel/simulated-process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { replaced } from '@mooring/session-store-testkit';

interface Held {
  readonly process: SimulatedProcess;
  readonly leaseId: string;
  readonly fencingToken: number;
  until: number;
  sessionId: string | null;
}

/** Knows who holds which slot, from what the store answered, at the store's time. */
export class PoolWitness {
  private readonly slots = new Map<string, Held>();

  constructor(private readonly simulation: Simulation) {}

  /** Whether the process has the lease of a session now. */
  holds(process: SimulatedProcess, sessionId: string): boolean {
    const now = this.simulation.serverClock.now();
    for (const held of this.slots.values()) {
      if (held.sessionId === sessionId && held.process === process && held.until > now) return true;
    }
    return false;
  }

  /** The pool as the server serves it to a process. */
  watch(pool: SessionPoolStore, process: SimulatedProcess): SessionPoolStore {
    const given = <T extends { ok: true; value: PoolLease } | { ok: false }>(answer: T): T => {
      if (answer.ok) this.leased(answer.value, process);
      return answer;
    };
    const ended = <T extends { ok: boolean }>(lease: PoolLease, answer: T): T => {
      if (answer.ok) this.holding(lease).until = 0;
      return answer;
    };
    return replaced<SessionPoolStore>(pool, {
      acquire: async (request) => given(await pool.acquire(request)),
      reclaim: async (request) => given(await pool.reclaim(request)),
      register: async (lease, session) => {
        const answer = await pool.register(lease, session);
        if (answer.ok) this.holding(lease).sessionId = session.sessionId;
        return answer;
      },
      renew: async (renewals, leaseTtlMs) => {
        const answers = await pool.renew(renewals, leaseTtlMs);
        for (const answer of answers) {
          if (answer.ok) this.holding(answer.value.lease).until = answer.value.lease.leaseExpiresAt;
        }
        return answers;
      },
      release: async (lease, lifetime) => ended(lease, await pool.release(lease, lifetime)),
      discard: async (lease, aliveForMs) => ended(lease, await pool.discard(lease, aliveForMs)),
    });
  }

  private leased(lease: PoolLease, process: SimulatedProcess): void {
    const { slotId, leaseId, sessionId, fencingToken, leaseExpiresAt } = lease;
    const before = this.slots.get(slotId);
    const isSame = before?.leaseId === leaseId;
    if (before !== undefined && !isSame && before.until > this.simulation.serverClock.now()) {
      const message = `${process.name} was given the slot of ${sessionId ?? 'none'}, which ${before.process.name} holds`;
      this.simulation.violate('one holder', message);
    }
    if (before !== undefined && !isSame && before.fencingToken >= fencingToken) {
      this.simulation.violate('tokens grow', `slot of ${sessionId}: ${fencingToken} after ${before.fencingToken}`);
    }
    this.slots.set(slotId, { process, leaseId, sessionId, fencingToken, until: leaseExpiresAt });
  }

  private holding(lease: PoolLease): Held {
    const held = this.slots.get(lease.slotId);
    if (held?.leaseId !== lease.leaseId || held.fencingToken !== lease.fencingToken) {
      this.simulation.violate('one holder', `a lease of ${lease.sessionId ?? 'an empty slot'} that was over counted`);
    }
    return held ?? ({} as Held);
  }
}
