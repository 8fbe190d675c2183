import type { SessionRecord, SessionStore, StoreBackend } from '@mooring/session-store';
import { createFailoverStore } from '@mooring/store-failover';
import type { FailoverEvent, FailoverStore } from '@mooring/store-failover';
import { Line } from '../kernel/line.ts';
import { pick } from '../kernel/seeded.ts';
import type { Sabotage } from '../kernel/scenario.ts';
import { SimulatedProcess } from '../kernel/simulated-process.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { storeFailure, storeOver } from '../kernel/store-over-line.ts';
import { replaced } from '@mooring/session-store-testkit';
import { SimulatedCopies } from './simulated-copies.ts';
import type { CopiesServer } from './simulated-copies.ts';

/** Clocks of processes go by this much too fast or too slow. */
const WORST_PACE = 2e-3;

/** A process with the real failover store, over lines to its authority and to its copies. */
export class FailoverProcess extends SimulatedProcess {
  /** Until then no client comes to it. */
  idleUntil = 0;
  /** What was answered to touches that wrote. */
  readonly written = new WeakSet<SessionRecord>();
  readonly line: Line;
  readonly copies: SimulatedCopies;
  store!: FailoverStore;

  constructor(name: string, simulation: Simulation, server: CopiesServer) {
    super(name, simulation, WORST_PACE);
    const pace = { latencyMs: 30, lateMs: 400, timeoutMs: 200 };
    this.line = new Line(simulation, this, 'authority', { ...pace, failure: storeFailure });
    this.copies = new SimulatedCopies(server, this, simulation);
  }

  async start(authority: StoreBackend, sabotage: Sabotage, onEvent: (event: FailoverEvent) => void): Promise<void> {
    const { random, luck } = this.simulation;
    const watched = replaced(authority, { sessions: this.noting(authority.sessions) });
    this.store = await createFailoverStore({
      authority: storeOver(this.line, watched),
      copies: sabotage.copies?.(this.copies) ?? this.copies,
      timer: { now: () => this.local, wall: () => this.local, wait: (ms) => this.sleep(ms) },
      random: luck,
      maxStalenessMs: pick(random, [60, 100, 150]),
      failuresToOpen: 2,
      firstRetryMs: 20,
      longestRetryMs: 200,
      copyTtlMs: 1000,
      observer: { onEvent },
    });
  }

  private noting(sessions: SessionStore): SessionStore {
    return replaced(sessions, {
      touch: async (ref, options) => {
        const touched = await sessions.touch(ref, options);
        const now = this.simulation.serverClock.now();
        if (touched.ok && touched.value.session.lastSeenAt === now) this.written.add(touched.value.session);
        return touched;
      },
    });
  }
}
