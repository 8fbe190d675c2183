import type { StoreBackend } from '@mooring/session-store';
import { WarehouseError } from '@mooring/redshift-sessions';
import type { WarehouseOptions } from '@mooring/redshift-sessions';
import { createMemoryStore } from '@mooring/store-memory';
import type { Plan } from '../kernel/plan.ts';
import type { Figures, Sabotage, Scenario } from '../kernel/scenario.ts';
import { pick } from '../kernel/seeded.ts';
import { Simulation } from '../kernel/simulation.ts';
import type { Trace } from '../kernel/trace.ts';
import { PLACE, PoolProcess } from './pool-process.ts';
import type { PoolServers } from './pool-process.ts';
import { PoolWitness } from './pool-witness.ts';
import { SimulatedWarehouse } from './simulated-warehouse.ts';

const PROCESSES = 3;
const SPAN_MS = 30_000;
/** After the last statement arrived everything has an answer within this. */
const PATIENCE_MS = 240_000;
const MAX_PER_KEY = 2;
const MAX_PER_TARGET = 4;
const OWNERS = [
  { tenantId: 'acme', user: 'reader' },
  { tenantId: 'acme', user: 'writer' },
  { tenantId: 'umbra', user: 'reader' },
] as const;

const OPTIONS: Partial<WarehouseOptions> = {
  maxSessionsPerKey: MAX_PER_KEY,
  maxSessionsPerTarget: MAX_PER_TARGET,
  keepAliveSeconds: 12,
  keepAliveMarginMs: 4_000,
  reapDelayMs: 6_000,
  maxLifetimeMs: 40_000,
  leaseTtlMs: 4_000,
  renewEveryMs: 1_500,
  idleReturnMs: 2_500,
  drainMs: 8_000,
  waitTimeoutMs: 25_000,
  statementTimeoutMs: 15_000,
  resolveUnknownMs: 8_000,
  busyTimeoutMs: 8_000,
  unreachableTimeoutMs: 1_500,
};

/** With these a statement certainly did not run. */
const DID_NOT_RUN: ReadonlySet<string> = new Set(['pool_exhausted', 'warehouse_busy', 'closed', 'unavailable']);

type Owner = (typeof OWNERS)[number];

/** Several processes whose statements share sessions over one store and one warehouse. */
class PoolWorld {
  private readonly simulation: Simulation;
  private readonly servers: PoolServers;
  private readonly processes: PoolProcess[] = [];
  private readonly ended: Record<string, number> = {};
  private readonly refused: string[] = [];
  private unanswered = 0;
  private starts = 0;
  private seenOpened = 0;

  constructor(
    plan: Plan,
    trace: Trace,
    private readonly sabotage: Sabotage,
  ) {
    this.simulation = new Simulation(plan, trace);
    const { serverClock, luck } = this.simulation;
    const memory: StoreBackend = createMemoryStore({ clock: serverClock });
    const warehouse = new SimulatedWarehouse(serverClock, luck);
    const chance = (fault: string, most: number): number => (plan.faults.has(fault) ? luck() * most : 0);
    warehouse.latencyMs = 0;
    warehouse.reapMs = OPTIONS.reapDelayMs ?? 0;
    warehouse.faults.lostSession = chance('lost-session', 0.08);
    warehouse.faults.throttled = chance('throttle', 0.15);
    warehouse.faults.blind = chance('blind', 0.5);
    this.servers = {
      store: sabotage.store?.(memory) ?? memory,
      warehouse,
      witness: new PoolWitness(this.simulation),
    };
  }

  async run(): Promise<Figures> {
    await this.simulation.run(
      () => this.live(),
      () => this.check(),
    );
    const { warehouse } = this.servers;
    return { steps: this.simulation.time.steps, opened: warehouse.opened, mostOpen: warehouse.mostOpen, ...this.ended };
  }

  private async live(): Promise<void> {
    const { simulation } = this;
    const { time, plan, random } = simulation;
    for (let place = 0; place < PROCESSES; place += 1) this.start(place);
    for (let n = 1; n <= plan.operations; n += 1) {
      const [owner, place, isPinned] = [pick(random, OWNERS), Math.floor(random() * PROCESSES), random() < 0.06];
      const runMs = random() < 0.1 ? random() * 14_000 : random() * 80;
      const verb = random() < 0.12 ? 'lock' : 'select';
      const sql = `${verb} ${owner.tenantId}.${owner.user} ${Math.floor(runMs)} c${n}`;
      time.at(random() * SPAN_MS, () => this.submit(place, owner, sql, `s${n}`, isPinned));
    }
    this.trouble();
    this.reconcile();
    const until = SPAN_MS + PATIENCE_MS;
    await time.sleep(SPAN_MS);
    while (this.unanswered > 0 && time.now < until) await time.sleep(500);
    if (this.unanswered > 0) simulation.violate('everybody is answered', `${this.unanswered} statements wait for ever`);
    for (const name of this.refused) {
      if (this.servers.warehouse.runsOf(name) > 0) simulation.violate('refused did not run', `${name} ran`);
    }
  }

  private start(place: number): void {
    const name = `p${place + 1}.${++this.starts}`;
    this.processes[place] = new PoolProcess(name, this.simulation, this.servers, OPTIONS, this.sabotage);
  }

  private submit(place: number, owner: Owner, sql: string, statementName: string, isPinned: boolean): void {
    const process = this.processes[place];
    if (process?.isAlive !== true) return;
    const { tenantId, user } = owner;
    const target = { ...PLACE, database: 'dev', dbUser: user };
    const request = { tenantId, target, sql, statementName };
    this.unanswered += 1;
    this.simulation.note(process.name, `gets ${statementName}: ${sql}`);
    const work = isPinned ? this.pinned(process, request) : this.single(process, request);
    void process
      .outside(work)
      .catch((error: unknown) => this.failed(error, statementName, isPinned))
      .then((how) => {
        this.unanswered -= 1;
        this.ended[how] = (this.ended[how] ?? 0) + 1;
        if (how !== 'crashed') this.simulation.note(process.name, `answers ${statementName}: ${how}`);
      });
  }

  private async single(process: PoolProcess, request: Parameters<PoolProcess['warehouse']['execute']>[0]) {
    const statement = await process.warehouse.execute(request);
    const { status } = await statement.wait();
    this.acknowledged(statement.id, request.statementName ?? '', status);
    return status;
  }

  /** A session for one client, which it changes. */
  private async pinned(process: PoolProcess, request: Parameters<PoolProcess['warehouse']['execute']>[0]) {
    const { tenantId, target } = request;
    const session = await process.warehouse.openSession({ tenantId, target });
    try {
      const statement = await process.warehouse.executeIn(session, request);
      const { status } = await statement.wait();
      this.acknowledged(statement.id, request.statementName ?? '', status);
      return status;
    } finally {
      await session.close().catch(() => undefined);
    }
  }

  private acknowledged(id: string, name: string, status: string): void {
    const { warehouse } = this.servers;
    if (status !== 'finished') return;
    if (warehouse.statusOf(id) !== 'FINISHED' || warehouse.runsOf(name) !== 1) {
      this.simulation.violate(
        'acknowledged is true',
        `${name} finished, it was said, and is ${warehouse.statusOf(id)}`,
      );
    }
  }

  private failed(error: unknown, name: string, isPinned: boolean): string {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) this.simulation.violate('failures are typed', message);
    if (
      code !== undefined &&
      code !== 'crashed' &&
      !isPinned &&
      (DID_NOT_RUN.has(code) || !(error instanceof WarehouseError))
    ) {
      this.refused.push(name);
    }
    return code ?? message;
  }

  private trouble(): void {
    const { simulation } = this;
    const { time, luck } = simulation;
    const often = (fault: string, times: number, happen: (process: PoolProcess, place: number) => void): void => {
      for (let n = 0; n < times; n += 1) {
        const [at, place] = [luck() * SPAN_MS * 1.3, Math.floor(luck() * PROCESSES)];
        time.at(at, () => {
          const process = this.processes[place];
          if (process?.isAlive === true && simulation.plan.faults.has(fault)) happen(process, place);
        });
      }
    };
    often('crash', 2, (process, place) => {
      process.crash();
      time.at(time.now + luck() * 3_000, () => this.start(place));
    });
    often('pause', 2, (process) => process.pause(luck() * 8_000));
    often('cut', 2, (process) => {
      const line = luck() < 0.6 ? process.storeLine : process.apiLine;
      simulation.note(
        process.name,
        `loses its connection to ${line === process.apiLine ? 'the warehouse' : 'the store'}`,
      );
      line.cutUntil = time.now + luck() * 10_000;
    });
  }

  private reconcile(): void {
    const { time, luck } = this.simulation;
    for (let at = 12_000; at < SPAN_MS * 2; at += 15_000) {
      time.at(at, () => {
        const process = pick(luck, this.processes);
        if (process.isAlive) process.reconciler.run({ graceMs: 9_000, closeUnknown: true }).catch(() => undefined);
      });
    }
  }

  private check(): void {
    const { simulation } = this;
    const { warehouse } = this.servers;
    const [found] = warehouse.violations;
    if (found !== undefined) simulation.violate(invariantOf(found), found);
    if (warehouse.opened === this.seenOpened) return;
    this.seenOpened = warehouse.opened;
    this.cap(MAX_PER_TARGET, warehouse.counting());
    for (const { tenantId, user } of OWNERS) this.cap(MAX_PER_KEY, warehouse.counting(`${tenantId}.${user}`));
  }

  private cap(most: number, sessions: readonly string[]): void {
    if (sessions.length > most) this.simulation.violate('caps', `${sessions.join(', ')} are open, of ${most}`);
  }
}

function invariantOf(violation: string): string {
  if (violation.includes(' times')) return 'runs once';
  return violation.includes(' changed') ? 'no leftovers' : 'own sessions only';
}

export const poolScenario: Scenario = {
  name: 'pool',
  summary: 'three processes share the sessions of a warehouse',
  operations: 30,
  faults: [
    'lost-request',
    'lost-response',
    'duplicate',
    'late',
    'skew',
    'crash',
    'pause',
    'cut',
    'lost-session',
    'throttle',
    'blind',
  ],
  invariants: [
    'one holder',
    'tokens grow',
    'caps',
    'own sessions only',
    'no leftovers',
    'runs once',
    'acknowledged is true',
    'refused did not run',
    'everybody is answered',
    'failures are typed',
  ],
  run: (plan, trace, sabotage = {}) => new PoolWorld(plan, trace, sabotage).run(),
};
