import { Warehouse } from '@mooring/redshift-sessions';
import type { DataApi, WarehouseObserver } from '@mooring/redshift-sessions';
import { createMemoryStore } from '@mooring/store-memory';
import type { SessionPoolStore, StoreBackend } from '@mooring/session-store';
import { Line } from '../kernel/line.ts';
import type { Sabotage } from '../kernel/scenario.ts';
import { SimulatedProcess } from '../kernel/simulated-process.ts';
import { Simulation } from '../kernel/simulation.ts';
import { over, storeFailure } from '../kernel/store-over-line.ts';
import { Trace } from '../kernel/trace.ts';
import { SimulatedWarehouse } from '../pool/simulated-warehouse.ts';
import { Account, paced } from './account.ts';
import type { ScaleFigures, ScaleSetting } from './scale-setting.ts';
import { Tally, part, percentile } from './tally.ts';
import { zipf } from './zipf.ts';

/** As the service has them. */
const SESSIONS_OF_CLUSTER = 500;
const ACTIVE_STATEMENTS_OF_CLUSTER = 500;
const MOST_PER_KEY = 4;
const MEAN_RUN_MS = 500;
/** How long after its keep-alive the service takes to close a session, at most. */
const REAP_MS = 40_000;
const STORE_LATENCY_MS = 2;
const WAREHOUSE_LATENCY_MS = 20;
const LOOK_EVERY_MS = 1_000;
/** Whatever came while it was measured has an answer within this. */
const PATIENCE_MS = 300_000;
const NO_FAULTS: ReadonlySet<string> = new Set();

/** Tenants of unequal size on the real pools of many processes, over one store and the quotas of one account. */
class ScaleWorld {
  private readonly simulation: Simulation;
  private readonly warehouse: SimulatedWarehouse;
  private readonly account: Account;
  private readonly pool: SessionPoolStore;
  private readonly processes: readonly Warehouse[];
  private readonly all = new Tally();
  private readonly largest = new Tally();
  private readonly smallest = new Tally();
  private readonly sessionWaits: number[] = [];
  private readonly open: number[] = [];
  private readonly counts = { storeCalls: 0, hits: 0, misses: 0, opened: 0, submissions: 0, throttled: 0 };
  private unanswered = 0;

  constructor(
    private readonly setting: ScaleSetting,
    sabotage: Sabotage,
  ) {
    this.simulation = new Simulation({ seed: setting.seed, operations: 0, faults: NO_FAULTS }, new Trace(false));
    const { serverClock, luck } = this.simulation;
    const memory: StoreBackend = createMemoryStore({ clock: serverClock });
    this.pool = (sabotage.store?.(memory) ?? memory).pool;
    this.warehouse = new SimulatedWarehouse(serverClock, luck);
    this.warehouse.latencyMs = 0;
    this.warehouse.reapMs = REAP_MS;
    this.warehouse.maxSessions = SESSIONS_OF_CLUSTER;
    this.warehouse.maxActiveStatements = ACTIVE_STATEMENTS_OF_CLUSTER;
    this.account = new Account(this.warehouse, serverClock);
    this.processes = Array.from({ length: setting.processes }, (_, n) => this.process(n + 1));
  }

  /** @throws Violation */
  async run(): Promise<ScaleFigures> {
    const { time } = this.simulation;
    const measuredMs = this.setting.measuredSeconds * 1000;
    await this.simulation.run(
      async () => {
        const next = zipf(this.setting.tenants, this.simulation.random);
        const arrive = (n: number): void => {
          this.submit(n, next());
          time.at(time.now - (Math.log(1 - this.simulation.random()) * 1000) / this.setting.perSecond, () =>
            arrive(n + 1),
          );
        };
        arrive(1);
        await time.sleep(this.setting.warmUpSeconds * 1000);
        const throttledBefore = this.account.throttled;
        const openedBefore = this.warehouse.opened;
        for (let at = 0; at < measuredMs; at += LOOK_EVERY_MS) {
          this.open.push(this.warehouse.open);
          await time.sleep(LOOK_EVERY_MS);
        }
        this.counts.throttled = this.account.throttled - throttledBefore;
        this.counts.opened = this.warehouse.opened - openedBefore;
        const patience = time.now + PATIENCE_MS;
        while (this.unanswered > 0 && time.now < patience) await time.sleep(LOOK_EVERY_MS);
        if (this.unanswered > 0) {
          this.simulation.violate('everybody is answered', `${this.unanswered} statements wait for ever`);
        }
      },
      () => this.check(),
    );
    return this.figures();
  }

  private process(n: number): Warehouse {
    const process = new SimulatedProcess(`p${n}`, this.simulation);
    const pace = { lateMs: 0, timeoutMs: 60_000, failure: storeFailure };
    const toStore = new Line(this.simulation, process, 'store', { ...pace, latencyMs: STORE_LATENCY_MS });
    const toWarehouse = new Line(this.simulation, process, 'warehouse', { ...pace, latencyMs: WAREHOUSE_LATENCY_MS });
    const pool = over(toStore, 'pool.', this.pool, () => this.count('storeCalls'));
    const api = paced(
      over<DataApi>(toWarehouse, '', this.account.api, (name) => name === 'execute' && this.count('submissions')),
      process.clock,
      this.setting.quotaShare,
    );
    const { keepAliveSeconds, overflow, maxSessions: maxSessionsPerTarget } = this.setting;
    const options = { keepAliveSeconds, overflow, maxSessionsPerTarget, maxSessionsPerKey: MOST_PER_KEY };
    const { clock } = process;
    return new Warehouse({ api, pool, clock, random: this.simulation.luck, observer: this.observer(), options });
  }

  private observer(): WarehouseObserver {
    return {
      sessionHit: () => this.count('hits'),
      sessionMiss: () => this.count('misses'),
      sessionWaited: (_, waitedMs) => {
        if (this.isMeasured) this.sessionWaits.push(waitedMs);
      },
    };
  }

  private submit(n: number, tenant: number): void {
    const { random, time } = this.simulation;
    const place = this.setting.balancer === 'tenant' ? tenant : Math.floor(random() * this.processes.length);
    const runMs = Math.round(-Math.log(1 - random()) * MEAN_RUN_MS);
    const tallies = this.isMeasured ? this.talliesOf(tenant) : [];
    const arrivedAt = time.now;
    const target = { clusterIdentifier: 'main', database: 'dev', dbUser: 'reader' };
    const request = { tenantId: `t${tenant}`, target, sql: `select t${tenant} ${runMs}`, statementName: `s${n}` };
    const answer = async (warehouse: Warehouse): Promise<void> => {
      const statement = await warehouse.execute(request);
      for await (const _ of statement.rows());
    };
    const process = this.processes[place % this.processes.length];
    if (process === undefined) return;
    const isCounted = tallies.length > 0;
    if (isCounted) this.unanswered += 1;
    void answer(process)
      .then(
        () => tallies.forEach((tally) => tally.answered(time.now - arrivedAt - runMs)),
        (error: { code?: string; message: string }) => {
          if (error.code === undefined) this.simulation.violate('failures are typed', error.message);
          for (const tally of tallies) tally.refused();
        },
      )
      .then(() => {
        if (isCounted) this.unanswered -= 1;
      });
  }

  private talliesOf(tenant: number): readonly Tally[] {
    const { tenants } = this.setting;
    if (tenant <= tenants / 10) return [this.all, this.largest];
    return tenant > tenants / 2 ? [this.all, this.smallest] : [this.all];
  }

  private get isMeasured(): boolean {
    const { warmUpSeconds, measuredSeconds } = this.setting;
    const seconds = this.simulation.time.now / 1000 - warmUpSeconds;
    return seconds >= 0 && seconds < measuredSeconds;
  }

  private count(name: keyof ScaleWorld['counts']): void {
    if (this.isMeasured) this.counts[name] += 1;
  }

  private check(): void {
    const [found] = this.warehouse.violations;
    if (found !== undefined) this.simulation.violate('own sessions only', found);
    const [{ mostOpen }, { maxSessions }] = [this.warehouse, this.setting];
    if (mostOpen > maxSessions) this.simulation.violate('caps', `${mostOpen} sessions are open, of ${maxSessions}`);
  }

  private figures(): ScaleFigures {
    const { setting, counts, open } = this;
    const perSecond = (count: number): number => Math.round((count / setting.measuredSeconds) * 100) / 100;
    const all = this.all.result();
    const ran = counts.hits + counts.misses;
    return {
      setting,
      ...all,
      hits: part(counts.hits, ran),
      withoutSession: part(Math.max(0, counts.misses - counts.opened), ran),
      openedPerSecond: perSecond(counts.opened),
      openMean: Math.round(open.reduce((sum, one) => sum + one, 0) / open.length),
      openMost: Math.max(...open),
      storeCallsPerStatement: Math.round((counts.storeCalls / all.statements) * 100) / 100,
      storeCallsPerSecond: perSecond(counts.storeCalls),
      submissionsPerSecond: perSecond(counts.submissions),
      throttledPerSecond: perSecond(counts.throttled),
      sessionWaitP99Ms: percentile(this.sessionWaits, 0.99),
      largest: this.largest.result(),
      smallest: this.smallest.result(),
    };
  }
}

/** @throws Violation */
export function runScale(setting: ScaleSetting, sabotage: Sabotage = {}): Promise<ScaleFigures> {
  return new ScaleWorld(setting, sabotage).run();
}
