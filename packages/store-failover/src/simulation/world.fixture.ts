import { createHash } from 'node:crypto';
import { sessionIdFrom } from '@mooring/session-store';
import type { SessionCopies, SessionRecord, StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import { CopyMemory } from '../copy-memory.fixture.ts';
import { createFailoverStore } from '../index.ts';
import type { FailoverStore } from '../index.ts';
import { simulatedAuthority } from './simulated-authority.fixture.ts';
import type { AuthorityLine } from './simulated-authority.fixture.ts';
import { SimulatedCopies } from './simulated-copies.fixture.ts';
import type { CopiesServer } from './simulated-copies.fixture.ts';
import { ProcessTimer, VirtualTime, randomOf } from './virtual-time.fixture.ts';
import { Witness } from './witness.fixture.ts';
import type { KnownSession } from './witness.fixture.ts';

const START = 1_767_225_600_000;
const LASTS_MS = 4000;
const TROUBLES = ['cut', 'slow', 'restart', 'promote', 'evict', 'authority', 'idle', 'idle', 'blip'] as const;
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** What a fault is put into, to see that it is found. */
export interface Sabotage {
  readonly copies?: (copies: SimulatedCopies) => SessionCopies;
  readonly authority?: (authority: StoreBackend) => StoreBackend;
}

export interface Outcome {
  readonly answers: number;
  readonly hits: number;
  readonly waits: number;
  readonly epochs: number;
}

interface Process {
  /** Until then no client comes to it. */
  idleUntil: number;
  readonly store: FailoverStore;
  readonly copies: SimulatedCopies;
  readonly line: AuthorityLine;
}

/**
 * Three processes over one authority, and a Redis that is cut off, slow, wound back, replaced and split in two. Clients
 * create, use, change and end sessions meanwhile, and each answer is compared with what was acknowledged before.
 */
export class World {
  private readonly time = new VirtualTime();
  private readonly random: () => number;
  private readonly witness = new Witness();
  private readonly authority: StoreBackend;
  private server: CopiesServer = { memory: new CopyMemory(), isUp: true };
  private processes: readonly Process[] = [];
  private readonly counts = { hit: 0, wait: 0, epoch_begun: 0 };
  private isOver = false;
  private serial = 0;

  constructor(
    seed: number,
    private readonly sabotage: Sabotage = {},
  ) {
    this.random = randomOf(seed);
    const clock = { now: () => START + Math.floor(this.time.now), after: () => () => {} };
    this.authority = createMemoryStore({ clock });
  }

  async run(): Promise<Outcome> {
    const life = this.live();
    await this.time.run(life);
    await life;
    const { hit, wait, epoch_begun: epochs } = this.counts;
    return { answers: this.witness.answers, hits: hit, waits: wait, epochs };
  }

  private async live(): Promise<void> {
    this.processes = await Promise.all([1, 1.002, 0.999].map((pace) => this.start(pace)));
    const clients = Array.from({ length: 5 }, () => this.client());
    const troubles = this.troubles();
    const ended = Promise.all([troubles, ...clients]);
    await Promise.race([ended, this.time.sleep(LASTS_MS)]);
    this.isOver = true;
    await ended;
    await this.recover();
    await this.authority.close();
  }

  private async start(pace: number): Promise<Process> {
    const { time, random, sabotage } = this;
    const line = { brokenUntil: 0, written: new WeakSet<SessionRecord>() };
    const simulated = simulatedAuthority(this.authority, time, random, line);
    const copies = new SimulatedCopies(this.server, time, random);
    const store = await createFailoverStore({
      authority: sabotage.authority?.(simulated) ?? simulated,
      copies: sabotage.copies?.(copies) ?? copies,
      timer: new ProcessTimer(time, pace),
      random,
      maxStalenessMs: this.pick([60, 100, 150]),
      failuresToOpen: 2,
      firstRetryMs: 20,
      longestRetryMs: 200,
      copyTtlMs: 1000,
      observer: {
        onEvent: (event) => {
          if (event === 'hit' || event === 'wait' || event === 'epoch_begun') this.counts[event] += 1;
        },
      },
    });
    return { idleUntil: 0, store, copies, line };
  }

  private async client(): Promise<void> {
    while (!this.isOver) {
      await this.time.sleep(this.random() * 12);
      const { sessions } = this.witness;
      const known = this.pick(sessions.slice(-8));
      if (known === undefined || this.random() < 0.02) await this.creates().catch(isSimulated);
      else await this.uses(known).catch(isSimulated);
    }
  }

  private async creates(): Promise<void> {
    const subjectId = this.pick(['ann', 'bob', null]);
    const evicts = subjectId !== null && this.random() < 0.3;
    const others = this.witness.sessions.filter((known) => evicts && known.subjectId === subjectId);
    const result = await this.anyone().store.sessions.create(
      {
        tenantId: 'acme',
        id: sessionIdFrom({ tenantId: 'acme', subjectId }, this.bytes()),
        subjectId,
        data: { serial: this.serial++ },
        idleTimeoutMs: this.pick([300, 1000, 5000]),
        lifetimeMs: this.pick([1000, 5000]),
        verifier: digest(`v${this.serial}`),
      },
      evicts ? { maxPerSubject: 1, onLimit: 'evict-oldest' } : {},
    );
    if (!result.ok) return;
    for (const other of others) this.witness.over(other);
    this.witness.created(result.value);
  }

  private async uses(known: KnownSession): Promise<void> {
    const { store, line } = this.anyone();
    const { sessions } = store;
    const { record, certain } = known;
    const time = START + this.time.now;
    const dice = this.random();
    if (dice < 0.5) {
      const result = await sessions.get(known);
      if (result.ok) this.witness.answered(known, certain, time, result.value);
    } else if (dice < 0.88) {
      const options = {
        presented: record.verifier as string,
        graceMs: 0,
        minIntervalMs: this.pick([0, 200, 200, 200]),
      };
      const result = await sessions.touch(known, options);
      if (!result.ok && result.reason === 'reused') this.witness.over(known);
      if (!result.ok) return;
      const { session } = result.value;
      this.witness.answered(known, certain, time, session);
      // Else it may show another's change, which is not acknowledged yet.
      if (line.written.has(session)) this.witness.changed(known, session);
    } else if (dice < 0.93) {
      const result = await sessions.update(known, record.version, { data: { serial: this.serial++ } });
      if (result.ok) this.witness.changed(known, result.value);
    } else if (dice < 0.96) {
      const rotation = { presented: record.verifier as string, next: digest(`v${this.serial++}`), graceMs: 1000 };
      const result = await sessions.rotate(known, rotation);
      if (!result.ok) return;
      known.retired.push(rotation.presented);
      this.witness.changed(known, result.value.session);
    } else if (dice < 0.99 || known.subjectId === null) {
      if ((await sessions.revoke(known, 'logout')).ok) this.witness.over(known);
    } else {
      const { tenantId, subjectId } = known;
      const all = this.witness.sessions.filter((other) => other.subjectId === subjectId);
      await sessions.revokeWhere({ tenantId, subjectId }, 'everywhere');
      for (const other of all) this.witness.over(other);
    }
  }

  private async troubles(): Promise<void> {
    const snapshots = [this.server.memory.reborn()];
    while (!this.isOver) {
      await this.time.sleep(150 + this.random() * 600);
      if (this.random() < 0.3) snapshots.push(this.server.memory.reborn());
      const process = this.anyone();
      const { copies, line } = process;
      const until = this.time.sleep(this.random() * 400);
      const trouble = this.pick(TROUBLES);
      if (trouble === 'cut') {
        copies.isCut = true;
        void until.then(() => {
          copies.isCut = false;
          copies.connectTo(this.server);
        });
      } else if (trouble === 'slow') {
        copies.isSlow = true;
        void until.then(() => (copies.isSlow = false));
      } else if (trouble === 'restart') {
        this.server.memory = this.pick([new CopyMemory(), ...snapshots.map((snapshot) => snapshot.reborn())]);
        this.moveAll();
      } else if (trouble === 'promote') {
        // The old one is not told: who still talks to it goes on doing so.
        const lagging = this.pick([this.server.memory, ...snapshots.slice(-1)]).reborn();
        this.server = { memory: lagging, isUp: true };
        this.moveAll();
      } else if (trouble === 'evict') {
        this.server.memory.evict(() => this.random() < 0.5);
      } else if (trouble === 'authority') {
        line.brokenUntil = this.time.now + this.random() * 800;
      } else if (trouble === 'idle') {
        process.idleUntil = this.time.now + this.random() * 1000;
      } else if (trouble === 'blip') {
        copies.connectTo(this.server);
      }
    }
  }

  /** Each process notices at a time of its own. */
  private moveAll(): void {
    const { server } = this;
    for (const { copies } of this.processes) {
      void this.time.sleep(this.random() ** 3 * 800).then(() => copies.connectTo(server));
    }
  }

  /** When all troubles are over every process uses copies again, without being told. */
  private async recover(): Promise<void> {
    await this.time.sleep(1000);
    for (const { copies, line } of this.processes) {
      copies.isCut = copies.isSlow = false;
      line.brokenUntil = 0;
      copies.connectTo(this.server);
    }
    for (const { store } of this.processes) {
      const deadline = this.time.now + 60_000;
      while (!store.usesCopies) {
        if (this.time.now > deadline) throw new Error('a process did not come back to its copies');
        await this.time.sleep(20);
      }
    }
  }

  private bytes(): Uint8Array {
    return Uint8Array.from({ length: 17 }, () => Math.floor(this.random() * 256));
  }

  private anyone(): Process {
    const awake = this.processes.filter(({ idleUntil }) => idleUntil <= this.time.now);
    return this.pick(awake.length === 0 ? this.processes : awake);
  }

  private pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }
}

function isSimulated(error: unknown): void {
  if ((error as { name?: unknown }).name !== 'StoreError') throw error;
}
