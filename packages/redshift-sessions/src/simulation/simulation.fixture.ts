import type { Clock, SessionPoolStore } from '@mooring/session-store';
import { ManualClock } from '@mooring/session-store-testkit';
import type { WarehouseOptions } from '../options.ts';
import { SimulatedWarehouse } from './simulated-warehouse.fixture.ts';
import type { SimulationFaults } from './simulated-warehouse.fixture.ts';
import { Warehouse } from '../warehouse.ts';

export interface SimulationPlan {
  readonly seed: number;
  readonly statements: number;
  /** Over how long the statements arrive. */
  readonly spanMs: number;
  readonly tenants: number;
  readonly processes: number;
  readonly faults: Partial<SimulationFaults>;
  /** The first process stops answering and being answered at this time. */
  readonly crashAtMs?: number;
  readonly options: Partial<WarehouseOptions>;
}

export interface SimulationOutcome {
  /** How statements ended, by status or error code. Those of a crashed process are not in it. */
  readonly ended: Readonly<Record<string, number>>;
  readonly unanswered: number;
  readonly violations: readonly string[];
  readonly opened: number;
  readonly mostOpen: number;
}

/** The same seed gives the same run: Mulberry32, by Tommy Ettinger, public domain. */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Runs the real pool and executor of several processes against a warehouse in virtual time. */
export async function simulate(
  plan: SimulationPlan,
  openPool: (clock: Clock) => SessionPoolStore,
): Promise<SimulationOutcome> {
  const random = seeded(plan.seed);
  const clock = new ManualClock();
  const api = new SimulatedWarehouse(clock, random);
  Object.assign(api.faults, plan.faults);
  const store = openPool(clock);
  const lives = Array.from({ length: plan.processes }, () => ({ ended: false }));
  const processes = lives.map(
    (life) =>
      new Warehouse({ api: mortal(api, life), pool: mortal(store, life), clock, random, options: plan.options }),
  );
  if (plan.crashAtMs !== undefined) clock.after(plan.crashAtMs, () => lives[0] && (lives[0].ended = true));
  const ended: Record<string, number> = {};
  let unanswered = plan.statements;
  for (let n = 0; n < plan.statements; n += 1) {
    clock.after(Math.round(random() * plan.spanMs), () => {
      const index = Math.floor(random() * processes.length);
      const user = `user${n % plan.tenants}`;
      const sql = `select ${user} ${Math.floor(random() * 60)}`;
      const target = { clusterIdentifier: 'main', database: 'dev', dbUser: user };
      const request = { tenantId: user, target, sql, statementName: `statement-${n}` };
      void processes[index]
        ?.execute(request)
        .then((statement) => statement.wait())
        .then(
          ({ status }) => status,
          (error: { code?: string; message: string }) => error.code ?? error.message,
        )
        .then((how) => {
          if (lives[index]?.ended) return;
          ended[how] = (ended[how] ?? 0) + 1;
          unanswered -= 1;
        });
    });
  }
  for (let waited = 0; unanswered > 0 && waited < plan.spanMs + 180_000; waited += 500) await clock.advance(500);
  const twice = [...api.runs].filter(([, runs]) => runs > 1).map(([name, runs]) => `${name} ran ${runs} times`);
  return { ended, unanswered, violations: [...api.violations, ...twice], opened: api.opened, mostOpen: api.mostOpen };
}

/** A process's view of the others: after its end nothing goes out and no answer comes in. */
function mortal<T extends object>(target: T, life: { ended: boolean }): T {
  const never = new Promise<never>(() => undefined);
  return new Proxy(target, {
    get(_, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        if (life.ended) return never;
        try {
          const answer: unknown = await (member as (...all: unknown[]) => Promise<unknown>).apply(target, args);
          return await (life.ended ? never : answer);
        } catch (error) {
          if (life.ended) return never;
          throw error;
        }
      };
    },
  });
}
