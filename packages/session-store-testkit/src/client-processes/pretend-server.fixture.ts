import { setTimeout as sleep } from 'node:timers/promises';
import { StoreError, ok } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { replaced } from '../mutants/mutant.ts';
import type { Mutant } from '../mutants/mutant.ts';
import type { ClientProcess, CrashHarness } from './process-harness.ts';

/** Deliberate faults of what the spec takes for processes and servers. */
export interface Faults {
  /** Of the store in each process. */
  readonly mutant?: Mutant;
  /** A process answers some writes before it makes them. */
  readonly writesLate?: boolean;
  /** A process holds a change of mind for itself: what it counted of limits is gone with it. */
  readonly countsAlone?: boolean;
  /** The server forgets in a crash. */
  readonly forgets?: boolean;
  /** A client says `not_applied` of what it did not hear of. */
  readonly guesses?: boolean;
  /** A client fails with an error of no kind. */
  readonly isUntyped?: boolean;
  /** A client that lost its server never finds it again. */
  readonly givesUp?: boolean;
  /** A client waits for its server instead of failing. */
  readonly waits?: boolean;
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** Of a client: whether it was killed, and whether it gave its server up. */
interface Life {
  isOver: boolean;
  isLost: boolean;
}

/** Longer than it takes until the process is killed. */
const LATE_MS = 20_000;

/** A server in this process, on a memory store, with clients that reach it after a while and may be killed meanwhile. */
export class PretendServer {
  private memory = createMemoryStore();
  private isDown = false;
  private crashes = 0;

  constructor(private readonly faults: Faults = {}) {}

  /** With a `patienceMs` where what has to come never does. */
  async harness(patienceMs?: number): Promise<CrashHarness> {
    const [one, other] = [await this.start(), await this.start()];
    return {
      name: 'pretended',
      survives: ['sessions', 'limits', 'attempts', 'budgets', 'leases', 'pool'],
      callLimitMs: 1000,
      ...(patienceMs === undefined ? {} : { patienceMs }),
      stores: () => [one.store, other.store],
      start: () => this.start(),
      killServer: async () => {
        this.isDown = true;
        this.crashes += 1;
        if (this.faults.forgets === true) this.memory = createMemoryStore();
      },
      restartServer: async () => void (this.isDown = false),
    };
  }

  private async start(): Promise<ClientProcess> {
    const life = { isOver: false, isLost: false };
    const { mutant, writesLate, countsAlone } = this.faults;
    let store = this.reachedBy(life);
    if (writesLate === true) store = writingLate(store, life);
    if (countsAlone === true) store = countingAlone(store);
    if (mutant !== undefined) {
      const { capabilities } = this.memory;
      const reached = store;
      store = await mutant
        .breaks({ name: 'pretended', capabilities, open: async () => reached })
        .open({ namespace: 'pretended' });
    }
    return { store, kill: async () => void (life.isOver = true) };
  }

  private reachedBy(life: Life): StoreBackend {
    return new Proxy(this.memory, {
      get: (_, port: keyof StoreBackend) => {
        const of = (): unknown => this.memory[port];
        if (typeof of() === 'function')
          return (...args: unknown[]) => this.call(life, () => (of() as Method).call(this.memory, ...args));
        if (typeof of() !== 'object') return of();
        return new Proxy(of() as Record<string, Method>, {
          get:
            (__, method: string) =>
            (...args: unknown[]) =>
              this.call(life, () => ((of() as Record<string, Method>)[method] as Method).call(of(), ...args)),
        });
      },
    });
  }

  private async call(life: Life, work: () => Promise<unknown>): Promise<unknown> {
    await this.travel(life);
    if (this.isDown && this.faults.waits === true) await sleep(1200);
    if (this.isDown || life.isLost) {
      life.isLost = this.faults.givesUp === true;
      throw this.failure('not_applied');
    }
    const { crashes } = this;
    const answer = await work();
    await this.travel(life);
    if (crashes !== this.crashes) throw this.failure(this.faults.guesses === true ? 'not_applied' : 'unknown');
    return answer === undefined ? undefined : JSON.parse(JSON.stringify(answer));
  }

  private async travel(life: Life): Promise<void> {
    await sleep(1);
    if (life.isOver) throw new Error('the process has ended');
  }

  private failure(outcome: 'not_applied' | 'unknown'): Error {
    if (this.faults.isUntyped === true) return new Error('connection closed');
    return new StoreError({ code: 'unavailable', message: 'away', backend: 'pretended', operation: 'any', outcome });
  }
}

function writingLate(store: StoreBackend, life: Life): StoreBackend {
  return replaced(store, {
    sessions: replaced(store.sessions, {
      async revoke(ref, reason) {
        const late = sleep(LATE_MS, undefined, { ref: false });
        void late.then(() => (life.isOver ? undefined : store.sessions.revoke(ref, reason).catch(() => {})));
        return ok({ revokedAt: Date.now() });
      },
    }),
  });
}

function countingAlone(store: StoreBackend): StoreBackend {
  let used = 0;
  return replaced(store, {
    limits: replaced(store.limits, {
      async consume(key, { limit, windowMs }) {
        await store.limits.peek(key, { limit, windowMs });
        const allowed = (used += 1) <= limit;
        return { allowed, limit, remaining: limit - used, retryAfterMs: 0, resetAt: Date.now() + windowMs };
      },
    }),
  });
}
