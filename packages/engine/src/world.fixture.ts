import type { CancelTimer, Clock } from '@mooring/session-store';
import { ok, refused } from '@mooring/session-store';
import { expect } from '@jest/globals';
import { MemoryAuditLog } from './audit/memory-audit-log.ts';
import type { AuditEvent } from './audit/audit-sink.ts';
import { MemoryCatalogStore } from './catalog/memory-catalog-store.ts';
import { EngineContext } from './context/engine-context.ts';
import type { EngineContextParts } from './context/engine-context.ts';
import { ExecutionContext } from './context/execution-context.ts';
import type { Principal } from './context/principal.ts';
import type { Role } from './context/role.ts';
import { EngineError } from './errors.ts';
import type { EngineErrorCode } from './errors.ts';
import { SqlExecutor } from './executor/sql-executor.ts';
import type { BatchResult, RunOptions } from './executor/sql-executor.ts';
import { MemoryEngine } from './memory-engine.fixture.ts';
import type { User, UserDirectory } from './users/user-directory.ts';
import type { Row, Value } from './values.ts';

/** A clock that stands still until it is moved; nothing here waits by it. */
export class StandingClock implements Clock {
  private time = 1_767_225_600_000;

  now(): number {
    return this.time;
  }

  move(ms: number): void {
    this.time += ms;
  }

  after(): CancelTimer {
    return () => {};
  }
}

export class MemoryUsers implements UserDirectory {
  readonly users: User[] = [];
  readonly passwords = new Map<string, string>();

  async find(tenantId: string, name: string): Promise<User | undefined> {
    return this.users.find((user) => user.tenantId === tenantId && user.name === name);
  }

  async list(tenantId: string): Promise<readonly User[]> {
    return this.users.filter((user) => user.tenantId === tenantId);
  }

  async create(tenantId: string, { name, role, password }: Parameters<UserDirectory['create']>[1]) {
    if ((await this.find(tenantId, name)) !== undefined) return refused('exists');
    const times = { createdAt: 0, updatedAt: 0 };
    const user: User = { tenantId, userId: `id-${name}`, name, role, disabled: false, version: 1, ...times };
    this.users.push(user);
    if (password !== undefined) this.passwords.set(name, password.reveal());
    return ok(user);
  }

  async update(user: User, { password, ...change }: Parameters<UserDirectory['update']>[1]) {
    const index = this.users.findIndex(({ userId, tenantId }) => userId === user.userId && tenantId === user.tenantId);
    const current = this.users[index];
    if (current === undefined) return refused('not_found');
    if (current.version !== user.version) return refused('changed');
    const changed: User = { ...current, ...change, version: current.version + 1 };
    this.users[index] = changed;
    if (password !== undefined) this.passwords.set(user.name, password.reveal());
    return ok(changed);
  }

  async remove(user: User) {
    const index = this.users.findIndex(({ userId, tenantId }) => userId === user.userId && tenantId === user.tenantId);
    if (index < 0) return refused('not_found');
    this.users.splice(index, 1);
    return ok(null);
  }
}

interface Where {
  readonly tenantId?: string;
  readonly namespace?: string | null;
}

export class World {
  readonly clock = new StandingClock();
  readonly duck = new MemoryEngine();
  readonly warehouse = new MemoryEngine(['redshift'], false);
  readonly users = new MemoryUsers();
  readonly events: AuditEvent[] = [];
  readonly catalog = new MemoryCatalogStore();
  readonly engine: EngineContext;
  readonly executor = new SqlExecutor();

  constructor(parts: Partial<EngineContextParts> = {}) {
    this.engine = EngineContext.build({
      catalog: this.catalog,
      engines: [this.duck, this.warehouse],
      users: this.users,
      audit: new MemoryAuditLog({ onEvent: (event) => void this.events.push(event) }),
      clock: this.clock,
      defaultStorage: { name: 'embedded', type: 'duckdb' },
      allowSeveral: true,
      ...parts,
    });
  }

  /** A user of that name, who is in the directory from then on. `namespace` is `sales` unless it is said to be none. */
  as(name: string, role: Role, { tenantId = 'acme', namespace = 'sales' }: Where = {}): ExecutionContext {
    const known = this.users.users.some((user) => user.tenantId === tenantId && user.name === name);
    const times = { createdAt: 0, updatedAt: 0 };
    if (!known) {
      this.users.users.push({ tenantId, userId: `id-${name}`, name, role, disabled: false, version: 1, ...times });
    }
    const principal: Principal = { tenantId, userId: `id-${name}`, role };
    return namespace === null
      ? ExecutionContext.create(this.engine, principal)
      : ExecutionContext.inNamespace(this.engine, principal, namespace);
  }

  /** With a namespace `sales`, made by its dba. */
  static async withSales(parts: Partial<EngineContextParts> = {}, tenants: readonly string[] = ['acme']) {
    const world = new World(parts);
    for (const tenantId of tenants) {
      await world.done(world.as('dba', 'dba', { tenantId, namespace: null }), 'CREATE NAMESPACE sales');
    }
    world.events.length = 0;
    return world;
  }

  run(context: ExecutionContext, sql: string, parameters: readonly Value[] = [], options: RunOptions = {}) {
    return this.executor.execute(sql, parameters, context, options);
  }

  /** All of it ran. */
  async done(context: ExecutionContext, sql: string, parameters: readonly Value[] = [], options: RunOptions = {}) {
    const batch = await this.run(context, sql, parameters, options);
    if (batch.failure !== undefined) throw batch.failure.error;
    return batch;
  }

  /** The rows of the last statement. */
  async rows(context: ExecutionContext, sql: string, options: RunOptions = {}): Promise<readonly Row[]> {
    return (await this.done(context, sql, [], options)).results.at(-1)?.rows ?? [];
  }

  async affected(context: ExecutionContext, sql: string, options: RunOptions = {}): Promise<number | null | undefined> {
    return (await this.done(context, sql, [], options)).results.at(-1)?.rowsAffected;
  }

  /** The first statement is refused or fails, in this way. */
  async refuses(
    context: ExecutionContext,
    sql: string,
    code: EngineErrorCode,
    options: RunOptions = {},
  ): Promise<EngineError> {
    const error = await this.errorOf(() => this.run(context, sql, [], options));
    expect({ sql, code: error.code, message: error.message }).toMatchObject({ sql, code });
    return error;
  }

  async errorOf(run: () => Promise<BatchResult>): Promise<EngineError> {
    let batch: BatchResult;
    try {
      batch = await run();
    } catch (error) {
      if (error instanceof EngineError) return error;
      throw error;
    }
    if (batch.failure === undefined) throw new Error('the statement was not refused');
    return batch.failure.error;
  }
}
