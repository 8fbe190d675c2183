import { StoreError, newSessionId } from '@mooring/session-store';
import type { LeaseStore, SessionRef, StoreBackend, StoreErrorCode, SweepRequest } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { SessionSweeper } from './session-sweeper.ts';
import type { SweepRun } from './session-sweeper.ts';
import type { SweepOptions } from './options.ts';
import type { SweepReport } from './report.ts';

/** A store by a manual clock, in which calls can be watched and made to fail. */
export class World {
  readonly clock = new ManualClock();
  readonly memory: StoreBackend = createMemoryStore({ clock: this.clock, keepDeadMs: 86_400_000 });
  readonly swept: SweepRequest[] = [];
  readonly leaseCalls: string[] = [];
  /** Runs before each sweep of the store; what it throws is what the sweep fails with. */
  beforeSweep: (request: SweepRequest) => void | Promise<void> = () => undefined;
  beforeLease: (call: string) => void = () => undefined;

  readonly store: Pick<StoreBackend, 'sweep' | 'leases'> = {
    sweep: async (request) => {
      this.swept.push(request);
      await this.beforeSweep(request);
      return this.memory.sweep(request);
    },
    leases: this.watchedLeases(),
  };

  sweeper(options: Partial<SweepOptions> = {}, random = 0): SessionSweeper {
    return new SessionSweeper({ store: this.store, options, clock: this.clock, random: () => random });
  }

  /** Runs a sweep to its end in virtual time. */
  async sweep(options: Partial<SweepOptions> = {}, run: SweepRun = {}): Promise<SweepReport> {
    const report = this.sweeper({ targets: ['sessions'], ...options }).run(run);
    report.catch(() => undefined);
    await this.clock.advance(600_000);
    return report;
  }

  async sessions(count: number, idleTimeoutMs: number): Promise<SessionRef[]> {
    const refs: SessionRef[] = [];
    for (let index = 0; index < count; index += 1) {
      const owner = { tenantId: 'acme', subjectId: 'ann' };
      const ref = { tenantId: owner.tenantId, id: newSessionId(owner) };
      const times = { idleTimeoutMs, lifetimeMs: 34_560_000_000 };
      await this.memory.sessions.create({ ...owner, ...ref, data: {}, ...times });
      refs.push(ref);
    }
    return refs;
  }

  /** Sessions that died `agoMs` ago. */
  async dead(count: number, agoMs = 1000): Promise<void> {
    await this.sessions(count, 1);
    await this.clock.advance(agoMs + 1);
  }

  async due(): Promise<number> {
    const left = await this.memory.sweep({ target: 'sessions', limit: 100_000, dryRun: true });
    return left.ok ? left.value.deleted : -1;
  }

  private watchedLeases(): LeaseStore {
    const watched = async <T>(call: string, of: () => Promise<T>): Promise<T> => {
      this.leaseCalls.push(call);
      this.beforeLease(call);
      return of();
    };
    const { leases } = this.memory;
    return {
      acquire: (name, holder, ttlMs) => watched('acquire', () => leases.acquire(name, holder, ttlMs)),
      renew: (lease, ttlMs) => watched('renew', () => leases.renew(lease, ttlMs)),
      release: (lease) => watched('release', () => leases.release(lease)),
    };
  }
}

export function storeFails(code: StoreErrorCode): never {
  throw new StoreError({ code, message: 'as told', backend: 'world', operation: 'sweep' });
}
