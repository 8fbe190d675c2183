import { sessionIdFrom } from '@mooring/session-store';
import type { SessionRef, StoreBackend } from '@mooring/session-store';
import { HeldLease } from '@mooring/session-sweeper';
import { createMemoryStore } from '@mooring/store-memory';
import type { Plan } from '../kernel/plan.ts';
import type { Figures, Sabotage, Scenario } from '../kernel/scenario.ts';
import { pick } from '../kernel/seeded.ts';
import { Simulation } from '../kernel/simulation.ts';
import type { Trace } from '../kernel/trace.ts';
import { KnownTokens } from './known-tokens.ts';
import { StoreProcess } from './store-process.ts';
import { StoreWitness } from './store-witness.ts';

const PROCESSES = 3;
const SPAN_MS = 30_000;
const SUBJECTS = [
  { tenantId: 'acme', subjectId: 'ann' },
  { tenantId: 'acme', subjectId: 'bob' },
  { tenantId: 'umbra', subjectId: 'ann' },
] as const;
const JOBS = ['issue', 'verify', 'rotate', 'revoke', 'count', 'spend', 'take', 'hold', 'sweep'] as const;
const HOW_OFTEN = [0.12, 0.42, 0.52, 0.56, 0.68, 0.79, 0.9, 0.96, 1];

/** Several processes over one store, which answer for tokens, counts, budgets, limits and leases. */
class StoresWorld {
  private readonly simulation: Simulation;
  private readonly server: StoreBackend;
  private readonly processes: StoreProcess[] = [];
  private readonly tokens: KnownTokens;
  private readonly held: { readonly process: StoreProcess; readonly lease: HeldLease }[] = [];
  private readonly done: Record<string, number> = {};
  private readonly counter: SessionRef;
  private acknowledged = 0;
  private starts = 0;

  constructor(
    plan: Plan,
    trace: Trace,
    private readonly sabotage: Sabotage,
  ) {
    const simulation = (this.simulation = new Simulation(plan, trace));
    this.tokens = new KnownTokens(simulation);
    const memory: StoreBackend = createMemoryStore({ clock: simulation.serverClock, keepDeadMs: 0 });
    this.server = new StoreWitness(simulation).watch(sabotage.store?.(memory) ?? memory);
    const owner = { tenantId: 'acme', subjectId: null };
    this.counter = { tenantId: 'acme', id: sessionIdFrom(owner, new Uint8Array(17)) };
  }

  async run(): Promise<Figures> {
    await this.simulation.run(
      () => this.live(),
      () => this.check(),
    );
    return { steps: this.simulation.time.steps, ...this.done };
  }

  private async live(): Promise<void> {
    const { simulation, server, counter } = this;
    const { time, random, luck, plan } = simulation;
    for (let place = 0; place < PROCESSES; place += 1) this.start(place);
    const lasts = { idleTimeoutMs: 10 * SPAN_MS, lifetimeMs: 10 * SPAN_MS };
    await server.sessions.create({ ...counter, subjectId: null, data: { count: 0 }, ...lasts });
    for (let n = 0; n < plan.operations; n += 1) {
      const [dice, place] = [random(), Math.floor(random() * PROCESSES)];
      const job = JOBS[HOW_OFTEN.findIndex((most) => dice < most)] ?? 'verify';
      time.at(random() * SPAN_MS, () => this.begin(job, place));
    }
    for (let n = 0; n < 3; n += 1) {
      const [at, place] = [luck() * SPAN_MS, Math.floor(luck() * PROCESSES)];
      time.at(at, () => this.trouble(pick(luck, ['crash', 'pause', 'cut']), place));
    }
    await time.sleep(SPAN_MS + 8_000);
    const found = await server.sessions.get(counter);
    const count = found.ok ? Number(found.value.data['count']) : -1;
    if (count < this.acknowledged) {
      simulation.violate(
        'acknowledged is there',
        `${this.acknowledged} counts were acknowledged, and ${count} are there`,
      );
    }
    await server.close();
  }

  private start(place: number): void {
    const name = `p${place + 1}.${++this.starts}`;
    this.processes[place] = new StoreProcess(name, this.simulation, this.server, this.sabotage);
  }

  private trouble(kind: 'crash' | 'pause' | 'cut', place: number): void {
    const { luck, time, plan } = this.simulation;
    const process = this.processes[place];
    if (process?.isAlive !== true || !plan.faults.has(kind)) return;
    if (kind === 'crash') {
      process.crash();
      time.at(time.now + luck() * 2_000, () => this.start(place));
    } else if (kind === 'pause') process.pause(luck() * 5_000);
    else {
      this.simulation.note(process.name, 'loses its connection to the store');
      process.line.cutUntil = time.now + luck() * 4_000;
    }
  }

  private begin(job: (typeof JOBS)[number], place: number): void {
    const process = this.processes[place];
    if (process?.isAlive !== true) return;
    this.simulation.note(process.name, `begins to ${job}`);
    void process
      .outside(this[job](process))
      .then(
        () => job,
        (error: { code?: string; message: string }) => {
          if (error.code === undefined) this.simulation.violate('failures are typed', error.message);
          return error.code ?? 'untyped';
        },
      )
      .then((how) => {
        this.done[how] = (this.done[how] ?? 0) + 1;
      });
  }

  private async issue({ tokens }: StoreProcess): Promise<void> {
    const issued = await tokens.issue(pick(this.simulation.random, SUBJECTS));
    if (issued.ok) this.tokens.issued(issued.value);
  }

  private async verify({ tokens }: StoreProcess): Promise<void> {
    const { random } = this.simulation;
    const known = pick(random, this.tokens.all.slice(-5));
    if (known === undefined) return;
    const old = random() < 0.15 ? pick(random, known.replaced)?.token : undefined;
    const question = this.tokens.ask(known, old ?? known.token);
    const answer = await tokens.verify(question.token);
    this.tokens.answered(question, answer.ok ? answer.value : undefined);
  }

  private async rotate({ tokens }: StoreProcess): Promise<void> {
    const known = pick(this.simulation.random, this.tokens.all.slice(-5));
    if (known === undefined) return;
    const question = this.tokens.ask(known, known.token);
    known.isShaken = true;
    const rotated = await tokens.rotate(question.token);
    this.tokens.answered(question, rotated.ok ? rotated.value.principal : undefined);
    if (rotated.ok) this.tokens.rotated(known, question.token, rotated.value);
  }

  private async revoke({ tokens }: StoreProcess): Promise<void> {
    const { random } = this.simulation;
    const known = pick(random, this.tokens.all.slice(-5));
    if (known === undefined) return;
    if (random() < 0.3) {
      const { tenantId, subjectId } = known;
      const theirs = this.tokens.ending(tenantId, subjectId);
      await tokens.revokeAll({ tenantId, subjectId }, 'everywhere');
      for (const one of theirs) one.isOver = true;
      return;
    }
    known.isShaken = true;
    const { tenantId, subjectId, sessionId } = known;
    const ended = await tokens.revokeSession({ tenantId, id: sessionId }, subjectId, 'logout');
    if (ended.ok) known.isOver = true;
  }

  /** Reads, adds one, writes if nobody wrote in between. */
  private async count({ store }: StoreProcess): Promise<void> {
    const found = await store.sessions.get(this.counter);
    if (!found.ok) return this.simulation.violate('acknowledged is there', `the counter is ${found.reason}`);
    const { version, data } = found.value;
    const written = await store.sessions.update(this.counter, version, { data: { count: Number(data['count']) + 1 } });
    if (written.ok) this.acknowledged += 1;
  }

  private async spend(process: StoreProcess): Promise<void> {
    const { random } = this.simulation;
    const amount = 5 + Math.floor(random() * 30);
    const [actual, restsMs, end] = [Math.floor(random() * (amount + 1)), random() * 3_000, random()];
    const spending = await process.ledger.reserve({ consumer: { tenantId: 'acme' }, amount, ttlMs: 600_000 });
    if (!spending.ok) return;
    await process.sleep(restsMs);
    if (end < 0.6) await spending.value.settle(actual);
    if (end > 0.5 && end < 0.9) await spending.value.release();
    if (end < 0.2) await spending.value.settle(actual + 1);
  }

  private async take({ limiter }: StoreProcess): Promise<void> {
    const { tenantId, subjectId } = pick(this.simulation.random, SUBJECTS.slice(0, 2));
    await limiter.take({ tenantId, user: subjectId });
  }

  private async hold(process: StoreProcess): Promise<void> {
    const restsMs = this.simulation.random() * 5_000;
    const { store, ownClock: clock } = process;
    const acquired = await HeldLease.acquire({ leases: store.leases, name: 'job', ttlMs: 2_000, clock });
    if (!acquired.ok) return;
    const lease = acquired.value;
    this.held.push({ process, lease });
    await process.sleep(restsMs);
    // What the lease protects: it goes through only for the newest holder.
    if (lease.isHeld) await store.sweep({ target: 'limits', limit: 1, fence: lease.fence });
    await lease.release();
  }

  private async sweep({ sweeper }: StoreProcess): Promise<void> {
    await sweeper.run();
  }

  /** After each step: at most one process believes that it has the lease. */
  private check(): void {
    if (this.held.length < 2) return;
    const believers = new Set(
      this.held.filter(({ process, lease }) => process.isAlive && lease.isHeld).map(({ lease }) => lease.fencingToken),
    );
    if (believers.size > 1) this.simulation.violate('one holder', `${believers.size} processes believe in their lease`);
  }
}

export const storesScenario: Scenario = {
  name: 'stores',
  summary: 'three processes with tokens, counts, budgets, limits, leases and sweeps over one store',
  operations: 120,
  faults: ['lost-request', 'lost-response', 'duplicate', 'late', 'skew', 'crash', 'pause', 'cut'],
  invariants: [
    'no resurrection',
    'nobody else',
    'acknowledged is there',
    'one winner',
    'budgets hold',
    'settles once',
    'never too much',
    'one holder',
    'tokens grow',
    'a stale holder writes nothing',
    'failures are typed',
  ],
  run: (plan, trace, sabotage = {}) => new StoresWorld(plan, trace, sabotage).run(),
};
