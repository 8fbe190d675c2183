import { createHash } from 'node:crypto';
import { StoreError, newSessionId } from '@mooring/session-store';
import type { NewSession, SessionCopies, SessionRecord, SessionStore, StoreBackend } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { CopyMemory, MemoryCopies } from '@mooring/simulation';
import { createFailoverStore } from './index.ts';
import type { FailoverStore, FailoverStoreOptions } from './index.ts';
import { VirtualTimer } from './virtual-timer.fixture.ts';

export const digest = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url');

/** What is between a process and what it calls: it counts, fails and holds calls. */
export class Line {
  /** Names of calls, in order. */
  readonly calls: string[] = [];
  /** Fails each call before it is made, or after. */
  fault: 'none' | 'before' | 'after' = 'none';
  private failing: string | undefined;
  private readonly gates = new Map<string, Promise<void>>();

  /** Calls of this name wait before they are made, or their answers wait, until the function that is answered is called. */
  hold(when: 'before' | 'after', name: string): () => void {
    let open = (): void => {};
    const key = `${when} ${name}`;
    this.gates.set(key, new Promise((resolve) => (open = resolve)));
    return () => {
      this.gates.delete(key);
      open();
    };
  }

  /** The answer of the next call of this name is lost. */
  loseOne(name: string): void {
    this.failing = name;
  }

  over<T extends object>(target: T): T {
    return new Proxy(target, {
      get: (object, property) => {
        const member: unknown = Reflect.get(object, property);
        if (typeof member !== 'function' || property === 'close') return member;
        return async (...args: unknown[]) => {
          const name = String(property);
          this.calls.push(name);
          await this.gates.get(`before ${name}`);
          if (this.fault === 'before') throw failure(name, 'not_applied');
          const answer: unknown = await Reflect.apply(member, object, args);
          await this.gates.get(`after ${name}`);
          const isLost = this.failing === name;
          if (isLost) this.failing = undefined;
          if (isLost || this.fault === 'after') throw failure(name, 'unknown');
          return answer;
        };
      },
    });
  }

  /** Calls since the last time. */
  taken(): string[] {
    return this.calls.splice(0);
  }
}

function failure(operation: string, outcome: 'unknown' | 'not_applied'): StoreError {
  return new StoreError({ code: 'unavailable', message: 'out of order', backend: 'line', operation, outcome });
}

export interface Process {
  readonly store: FailoverStore;
  readonly sessions: SessionStore;
  readonly authority: Line;
  readonly copies: Line;
}

/** Some processes over one authority in memory. Time goes on where one of them waits, and where it is told to. */
export class Processes {
  readonly clock = new ManualClock();
  readonly timer = new VirtualTimer();
  readonly memory = new CopyMemory();
  readonly backend: StoreBackend = createMemoryStore({ clock: this.clock });

  async start(
    options: Partial<FailoverStoreOptions> & { readonly memory?: CopyMemory; readonly isCut?: boolean } = {},
  ): Promise<Process> {
    const { memory = this.memory, isCut = false, ...rest } = options;
    const [authority, copies] = [new Line(), new Line()];
    if (isCut) copies.fault = 'before';
    const { backend } = this;
    const store = await createFailoverStore({
      authority: { ...backend, name: backend.name, ...methodsOf(authority, backend), close: async () => {} },
      copies: copies.over<SessionCopies>(new MemoryCopies(memory)),
      clock: this.clock,
      timer: this.timer,
      random: () => 0.5,
      ...rest,
    });
    await this.timer.wait(100);
    await this.look(store);
    authority.taken();
    copies.taken();
    return { store, sessions: store.sessions, authority, copies };
  }

  /** Goes on, and has each of them look around. */
  async later(ms: number, ...processes: readonly Process[]): Promise<void> {
    await this.timer.wait(ms);
    for (const { store } of processes) await this.look(store);
  }

  /** A session of which there is a copy. */
  async copied(process: Process, change: Partial<NewSession> = {}): Promise<SessionRecord> {
    const created = await process.sessions.create(newSession(change));
    if (!created.ok) throw new Error(created.reason);
    for (let reading = 0; reading < 3; reading++) await process.sessions.get(created.value);
    await settled();
    process.authority.taken();
    process.copies.taken();
    return created.value;
  }

  private async look(store: FailoverStore): Promise<void> {
    for (let turn = 0; turn < 3; turn++) {
      void store.usesCopies;
      await settled();
    }
  }
}

function methodsOf(line: Line, backend: StoreBackend): Pick<StoreBackend, 'sessions' | 'ping' | 'sweep'> {
  return {
    sessions: line.over(backend.sessions),
    ping: () => line.over(backend).ping(),
    sweep: (request) => line.over(backend).sweep(request),
  };
}

/** What needs no time has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

export function newSession(change: Partial<NewSession> = {}): NewSession {
  const { tenantId = 'acme', subjectId = 'ann' } = change;
  return {
    id: newSessionId({ tenantId, subjectId }),
    data: { a: 1 },
    idleTimeoutMs: 60_000,
    lifetimeMs: 3_600_000,
    verifier: digest('v1'),
    ...change,
    tenantId,
    subjectId,
  };
}

export async function failureOf(call: Promise<unknown>): Promise<StoreError> {
  return call.then(
    () => {
      throw new Error('it succeeded');
    },
    (error: unknown) => error as StoreError,
  );
}
