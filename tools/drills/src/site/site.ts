import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { letTenantsCreateSchemas, podsAt } from '@mooring/e2e';
import type { Environment, Fleet } from '@mooring/e2e';
import { startFaultProxy, startPostgres, testPostgres } from '@mooring/services';
import type { FaultProxy, ServiceProcess } from '@mooring/services';
import type { Backend } from '../backends.ts';
import { SESSION_LIMIT } from '../load/limit.ts';
import { startUsers } from './people.ts';
import type { Users } from './people.ts';
import { StartedParts } from './started-parts.ts';
import { startStorePlace } from './store-place.ts';
import type { Breakable } from './store-place.ts';
import { Warehouse } from './warehouse.ts';

/** Something outside of the services that they need. */
export type Part = 'postgres' | 'redis' | 'dynamodb' | 'warehouse';

const PODS = 2;
/** So many that none is refused. */
export const BUDGET_STATEMENTS = 1_000_000;
/** How long a token that was replaced is good. */
export const GRACE_SECONDS = 2;

/** Two pods of each service as processes, and all that they need, each behind a line that can be broken. */
export class Site {
  private readonly killed = new Set<ServiceProcess>();

  private constructor(
    readonly backend: Backend,
    readonly fleets: Readonly<Record<'auth' | 'query' | 'worker', Fleet>>,
    readonly tenants: { readonly acme: string; readonly globex: string },
    readonly users: Users,
    readonly warehouse: Warehouse,
    /** Of the PostgreSQL that the warehouse runs statements on. */
    readonly warehouseUrl: string,
    /** What a command of the product needs to reach the same store and warehouse. */
    readonly operatorEnv: Environment,
    private readonly servers: Readonly<Partial<Record<Part, Breakable>>>,
    private readonly lines: Readonly<Partial<Record<Part, FaultProxy>>>,
    private readonly clockFile: string,
    private readonly parts: StartedParts,
  ) {}

  get pods(): readonly ServiceProcess[] {
    return Object.values(this.fleets).flatMap(({ pods }) => pods);
  }

  line(part: Part): FaultProxy {
    return of(this.lines, part);
  }

  has(part: Part): boolean {
    return this.servers[part] !== undefined;
  }

  server(part: Part): Breakable {
    return of(this.servers, part);
  }

  /** kill -9 of one pod, which stays away. */
  async killPod(service: 'auth' | 'query' | 'worker'): Promise<void> {
    const [pod] = this.fleets[service].pods;
    if (pod === undefined) throw new Error(`no ${service} pod runs`);
    this.killed.add(pod);
    await this.fleets[service].kill(pod);
  }

  /** Starts those that were killed again, in their places. */
  async revivePods(): Promise<void> {
    for (const fleet of Object.values(this.fleets)) {
      for (const pod of fleet.pods.filter((candidate) => this.killed.has(candidate))) await fleet.revive(pod);
    }
  }

  wasKilled(pod: ServiceProcess): boolean {
    return this.killed.has(pod);
  }

  /**
   * Sets the wall clock of one pod of each service wrong by so much; 0 sets it right. On SQLite of all: they share a machine,
   * and it has one clock.
   */
  async jumpClocks(shiftMs: number): Promise<void> {
    await writeFile(this.clockFile, String(shiftMs));
    const moved = this.backend === 'sqlite' ? this.pods : Object.values(this.fleets).map(({ pods }) => pods[0]);
    for (const pod of moved) pod?.signal('SIGUSR2');
  }

  async stop(): Promise<void> {
    await this.parts.end();
  }

  /** For the next drill: the verdict of the last one ended the pods of the query API. */
  async completePods(): Promise<void> {
    if (this.fleets.query.pods.length === 0) await this.fleets.query.start(PODS);
  }

  /**
   * The services are compiled. Where a part can not be started, those before it are stopped.
   * @param onSignal what a pod does on SIGUSR2, a module beside this one
   */
  static start(backend: Backend, env: Environment = {}, onSignal = 'clock-jump'): Promise<Site> {
    const parts = new StartedParts();
    return parts.orEnd(() => Site.startParts(parts, backend, env, onSignal));
  }

  private static async startParts(
    parts: StartedParts,
    backend: Backend,
    env: Environment,
    onSignal: string,
  ): Promise<Site> {
    const folder = parts.add(await mkdtemp(join(tmpdir(), 'mooring-drills-')), (path) =>
      rm(path, { recursive: true, force: true, maxRetries: 5 }),
    );
    const shared = parts.add(await testPostgres(), (server) => server.stop());
    const postgres = parts.add(await startPostgres({ durable: true }), (server) => server.stop());
    const warehouseUrl = await shared.createDatabase();
    await letTenantsCreateSchemas(warehouseUrl);
    const warehouse = parts.add(await Warehouse.start(warehouseUrl, join(folder, 'warehouse')), (server) =>
      server.stop(),
    );
    const place = await startStorePlace(backend, folder, parts);
    const servers = { postgres, ...place.servers, warehouse };
    const lines: Partial<Record<Part, FaultProxy>> = {};
    for (const [part, { url }] of Object.entries(servers)) {
      lines[part as Part] = parts.add(await startFaultProxy({ target: url }), (line) => line.close());
    }
    const through = (part: Part, url: string): string => of(lines, part).url(url);
    const storePart = backend === 'dynamodb' ? 'dynamodb' : 'redis';
    const databaseUrl = through('postgres', postgres.url);
    const storeEnv = place.env((url) => through(storePart, url), databaseUrl);
    const warehouseDatabase = new URL(warehouseUrl).pathname.slice(1);
    const clockFile = join(folder, 'clock');
    const preload = new URL(`../../dist/site/${onSignal}.js`, import.meta.url);
    preload.searchParams.set('file', clockFile);
    const warehouseEnv = {
      MOORING_WAREHOUSE_CLUSTER: 'main',
      AWS_ENDPOINT_URL_REDSHIFT_DATA: through('warehouse', warehouse.url).replace(/\/$/, ''),
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
    const fleets = podsAt(
      { databaseUrl, storeEnv, warehouseUrl: warehouseEnv.AWS_ENDPOINT_URL_REDSHIFT_DATA, warehouseDatabase },
      {
        env: {
          NODE_OPTIONS: `--import ${preload.href}`,
          MOORING_LOG_LEVEL: 'info',
          MOORING_TOKEN_GRACE_SECONDS: String(GRACE_SECONDS),
          MOORING_RATE_LIMIT_REQUESTS: String(SESSION_LIMIT.requests),
          MOORING_RATE_LIMIT_WINDOW_SECONDS: String(SESSION_LIMIT.windowSeconds),
          ...env,
        },
        // The catalog of the engine is then in the database, for all pods.
        queryEnv: {
          NODE_ENV: 'production',
          DATABASE_URL: databaseUrl,
          MOORING_BUDGET_STATEMENTS_PER_DAY: String(BUDGET_STATEMENTS),
        },
        workerEnv: {
          NODE_OPTIONS: `--import ${preload.href}`,
          MOORING_LOG_LEVEL: 'info',
          MOORING_SWEEP_SCHEDULE: '*/10 * * * * *',
          MOORING_SWEEP_LEASE_SECONDS: '5',
          MOORING_WAREHOUSE_QUOTA_PERCENT: '10000',
          ...warehouseEnv,
        },
      },
    );
    parts.add(fleets, (all) => Promise.all(Object.values(all).map((fleet) => fleet.stop())));
    const suffix = randomBytes(4).toString('hex');
    const tenants = { acme: `acme_${suffix}`, globex: `globex_${suffix}` };
    // One after the other: the first makes the tables, and a busy machine starts none of them sooner together.
    for (const fleet of Object.values(fleets)) await fleet.start(PODS);
    const users = await startUsers({ ...fleets, tenants }, warehouseUrl);
    const operatorEnv = { ...storeEnv, ...warehouseEnv };
    return new Site(
      backend,
      fleets,
      tenants,
      users,
      warehouse,
      warehouseUrl,
      operatorEnv,
      servers,
      lines,
      clockFile,
      parts,
    );
  }
}

function of<T>(parts: Readonly<Partial<Record<Part, T>>>, part: Part): T {
  const found = parts[part];
  if (found === undefined) throw new Error(`the site has no ${part}`);
  return found;
}
