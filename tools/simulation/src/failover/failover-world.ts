import { createHash } from 'node:crypto';
import { sessionIdFrom } from '@mooring/session-store';
import type { StoreBackend } from '@mooring/session-store';
import { createMemoryStore } from '@mooring/store-memory';
import type { Plan } from '../kernel/plan.ts';
import type { Figures, Sabotage, Scenario } from '../kernel/scenario.ts';
import { pick } from '../kernel/seeded.ts';
import { BEGINNING, Simulation } from '../kernel/simulation.ts';
import type { Trace } from '../kernel/trace.ts';
import { CopyMemory } from './copy-memory.ts';
import { FailoverProcess } from './failover-process.ts';
import type { CopiesServer } from './simulated-copies.ts';
import { Witness } from './witness.ts';
import type { KnownSession } from './witness.ts';

const CLIENTS = 5;
const TROUBLES = ['cut', 'slow', 'restart', 'promote', 'evict', 'authority', 'idle', 'blip', 'crash'] as const;
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * Three processes over one authority, and a Redis that is cut off, slow, wound back, replaced and split in two. Clients
 * create, use, change and end sessions meanwhile, and each answer is compared with what was acknowledged before.
 */
class FailoverWorld {
  private readonly simulation: Simulation;
  private readonly witness: Witness;
  private readonly authority: StoreBackend;
  private server: CopiesServer = { memory: new CopyMemory(), isUp: true };
  private readonly processes: FailoverProcess[] = [];
  private readonly counts = { hit: 0, wait: 0, epoch_begun: 0 };
  private left: number;
  private serial = 0;

  constructor(
    plan: Plan,
    trace: Trace,
    private readonly sabotage: Sabotage,
  ) {
    this.simulation = new Simulation(plan, trace);
    this.witness = new Witness((invariant, message) => this.simulation.violate(invariant, message));
    this.left = plan.operations;
    const memory: StoreBackend = createMemoryStore({ clock: this.simulation.serverClock });
    this.authority = sabotage.store?.(memory) ?? memory;
  }

  async run(): Promise<Figures> {
    await this.simulation.run(() => this.live());
    const { hit, wait, epoch_begun: epochs } = this.counts;
    return { steps: this.simulation.time.steps, answers: this.witness.answers, hits: hit, waits: wait, epochs };
  }

  private async live(): Promise<void> {
    for (let place = 0; place < 3; place += 1) await this.start(place);
    const troubles = this.troubles();
    await Promise.all(Array.from({ length: CLIENTS }, () => this.client()));
    await troubles;
    await this.recover();
    await this.authority.close();
  }

  private async start(place: number): Promise<void> {
    const process = new FailoverProcess(`p${place + 1}.${++this.serial}`, this.simulation, this.server);
    const onEvent = (event: string): void => {
      if (event === 'hit' || event === 'wait' || event === 'epoch_begun') this.counts[event] += 1;
    };
    await process.start(this.authority, this.sabotage, onEvent);
    this.processes[place] = process;
  }

  private async client(): Promise<void> {
    const { time, random } = this.simulation;
    while (this.left-- > 0) {
      await time.sleep(random() * 12);
      const { sessions } = this.witness;
      const known = this.pick(sessions.slice(-8));
      const process = this.anyone();
      const work = known === undefined || random() < 0.02 ? this.creates(process) : this.uses(process, known);
      await process.outside(work).catch(isSimulated);
    }
  }

  private async creates(process: FailoverProcess): Promise<void> {
    const subjectId = this.pick(['ann', 'bob', null]);
    const evicts = subjectId !== null && this.simulation.random() < 0.3;
    const others = this.witness.sessions.filter((known) => evicts && known.subjectId === subjectId);
    const result = await process.store.sessions.create(
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

  private async uses({ store, written }: FailoverProcess, known: KnownSession): Promise<void> {
    const { sessions } = store;
    const { record, certain } = known;
    const time = BEGINNING + this.simulation.time.now;
    const dice = this.simulation.random();
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
      if (written.has(session)) this.witness.changed(known, session);
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
    const { time, luck, plan } = this.simulation;
    const snapshots = [this.server.memory.reborn()];
    const troubles = TROUBLES.filter((trouble) => plan.faults.has(trouble));
    while (this.left > 0) {
      await time.sleep(100 + luck() * 400);
      if (luck() < 0.3) snapshots.push(this.server.memory.reborn());
      const trouble = pick(luck, troubles);
      const place = Math.floor(luck() * this.processes.length);
      const process = this.processes[place];
      if (trouble === undefined || process === undefined) continue;
      this.simulation.note(process.name, `trouble: ${trouble}`);
      const { copies, line } = process;
      const until = time.sleep(luck() * 400);
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
        this.server.memory = pick(luck, [new CopyMemory(), ...snapshots.map((snapshot) => snapshot.reborn())]);
        this.moveAll();
      } else if (trouble === 'promote') {
        // The old one is not told: who still talks to it goes on doing so.
        const lagging = pick(luck, [this.server.memory, ...snapshots.slice(-1)]).reborn();
        this.server = { memory: lagging, isUp: true };
        this.moveAll();
      } else if (trouble === 'evict') {
        this.server.memory.evict(() => luck() < 0.5);
      } else if (trouble === 'authority') {
        line.cutUntil = time.now + luck() * 800;
      } else if (trouble === 'idle') {
        process.idleUntil = time.now + luck() * 1000;
      } else if (trouble === 'blip') {
        copies.connectTo(this.server);
      } else {
        process.crash();
        await this.start(place);
      }
    }
  }

  /** Each process notices at a time of its own. */
  private moveAll(): void {
    const { server } = this;
    const { time, luck } = this.simulation;
    for (const { copies } of this.processes) {
      void time.sleep(luck() ** 3 * 800).then(() => copies.connectTo(server));
    }
  }

  /** When all troubles are over every process uses copies again, without being told. */
  private async recover(): Promise<void> {
    const { time } = this.simulation;
    await time.sleep(1000);
    for (const { copies, line } of this.processes) {
      copies.isCut = copies.isSlow = false;
      line.cutUntil = 0;
      copies.connectTo(this.server);
    }
    for (const { store, name } of this.processes) {
      const deadline = time.now + 60_000;
      while (!store.usesCopies) {
        if (time.now > deadline) return this.simulation.violate('copies come back', `${name} does without its copies`);
        await time.sleep(20);
      }
    }
  }

  private bytes(): Uint8Array {
    return Uint8Array.from({ length: 17 }, () => Math.floor(this.simulation.random() * 256));
  }

  private anyone(): FailoverProcess {
    const living = this.processes.filter(({ isAlive }) => isAlive);
    const awake = living.filter(({ idleUntil }) => idleUntil <= this.simulation.time.now);
    return this.pick(awake.length === 0 ? living : awake);
  }

  private pick<T>(from: readonly T[]): T {
    return pick(this.simulation.random, from);
  }
}

function isSimulated(error: unknown): void {
  const { name } = error as { name?: unknown };
  if (name !== 'StoreError' && name !== 'Crashed') throw error;
}

export const failoverScenario: Scenario = {
  name: 'failover',
  summary: 'three processes over an authority, and copies of sessions in a Redis that is in trouble',
  operations: 200,
  faults: ['lost-request', 'lost-response', 'duplicate', 'late', 'skew', ...TROUBLES],
  invariants: ['no resurrection', 'no older answers', 'one state per version', 'copies come back'],
  run: (plan, trace, sabotage = {}) => new FailoverWorld(plan, trace, sabotage).run(),
};
