import type { StoreBackend } from '@mooring/session-store';
import { DataApiError, SessionReconciler, Warehouse } from '@mooring/redshift-sessions';
import type { DataApi, WarehouseOptions } from '@mooring/redshift-sessions';
import { Line } from '../kernel/line.ts';
import { SimulatedProcess } from '../kernel/simulated-process.ts';
import type { Sabotage } from '../kernel/scenario.ts';
import type { Simulation } from '../kernel/simulation.ts';
import { over, storeFailure, storeOver } from '../kernel/store-over-line.ts';
import { replaced } from '@mooring/session-store-testkit';
import type { PoolWitness } from './pool-witness.ts';
import type { SimulatedWarehouse } from './simulated-warehouse.ts';

const REGION = 'us-east-1';
export const PLACE = { clusterIdentifier: 'main' };

/** The pool sends nothing into a session whose lease ends before a call that is so late. */
const CALL_LATE_MS = 1_200;

export interface PoolServers {
  readonly store: StoreBackend;
  readonly warehouse: SimulatedWarehouse;
  readonly witness: PoolWitness;
}

/** A process with the real pool, executor and reconciler, over lines to the store and to the warehouse. */
export class PoolProcess extends SimulatedProcess {
  readonly storeLine: Line;
  readonly apiLine: Line;
  readonly warehouse: Warehouse;
  readonly reconciler: SessionReconciler;

  constructor(
    name: string,
    simulation: Simulation,
    servers: PoolServers,
    options: Partial<WarehouseOptions>,
    sabotage: Sabotage,
  ) {
    super(name, simulation);
    const { witness } = servers;
    const [toStore, toWarehouse] = [
      { latencyMs: 8, lateMs: 4_000, timeoutMs: 2_000, failure: storeFailure },
      { latencyMs: 30, lateMs: CALL_LATE_MS, timeoutMs: 3_000, failure: apiFailure },
    ];
    this.storeLine = new Line(simulation, this, 'store', toStore);
    this.apiLine = new Line(simulation, this, 'warehouse', toWarehouse);
    const served = replaced(servers.store, { pool: witness.watch(servers.store.pool, this) });
    const { pool } = storeOver(this.storeLine, served);
    const reached = apiOver(this.apiLine, servers.warehouse);
    const api = this.witnessed(sabotage.api?.(reached) ?? reached, witness, simulation);
    const clock = sabotage.clock?.(this.clock) ?? this.clock;
    const random = simulation.luck;
    this.warehouse = new Warehouse({ api, pool, clock, random, options: { ...options, region: REGION } });
    this.reconciler = new SessionReconciler({ api, pool, clock, place: PLACE, region: REGION });
  }

  /** What is sent into a session is sent by who holds it; a drain is for sessions that nobody will have again. */
  private witnessed(api: DataApi, witness: PoolWitness, simulation: Simulation): DataApi {
    const check = (sql: string, { place }: Parameters<DataApi['execute']>[1]): void => {
      if (!('SessionId' in place) || sql === 'ROLLBACK' || witness.holds(this, place.SessionId)) return;
      simulation.violate('one holder', `${this.name} sends into ${place.SessionId}, whose lease it does not have`);
    };
    return replaced<DataApi>(api, {
      execute: (sql, options) => {
        check(sql, options);
        return api.execute(sql, options);
      },
    });
  }
}

function apiFailure(operation: string, how: 'unsent' | 'lost'): DataApiError {
  return new DataApiError(how === 'unsent' ? 'unreachable' : 'unknown_outcome', `${operation}: socket hang up`);
}

/** The warehouse over a line; a long poll is waited for as long as it may take. */
function apiOver(line: Line, api: DataApi): DataApi {
  const patience = (waitSeconds = 0): number => waitSeconds * 1000 + 3_000;
  return replaced<DataApi>(over(line, '', api), {
    execute: (sql, options) =>
      line.call(
        `execute '${sql}' in ${'SessionId' in options.place ? options.place.SessionId : 'a new one'}`,
        () => api.execute(sql, options),
        patience(options.waitSeconds),
      ),
    describe: (id, waitSeconds) =>
      line.call(`describe ${id}`, () => api.describe(id, waitSeconds), patience(waitSeconds)),
  });
}
