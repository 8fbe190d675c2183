import { describe, expect, it } from '@jest/globals';
import { MemoryAuditLog } from '../audit/memory-audit-log.ts';
import { MemoryCatalogStore } from '../catalog/memory-catalog-store.ts';
import { MemoryEngine } from '../memory-engine.fixture.ts';
import { MemoryUsers, World } from '../world.fixture.ts';
import { EngineContext } from './engine-context.ts';
import type { EngineContextParts } from './engine-context.ts';
import { ExecutionContext } from './execution-context.ts';

const parts = (more: Partial<EngineContextParts> = {}): EngineContextParts => ({
  catalog: new MemoryCatalogStore(),
  engines: [new MemoryEngine()],
  users: new MemoryUsers(),
  audit: new MemoryAuditLog(),
  ...more,
});

describe('EngineContext', () => {
  it('is built once in a process, also after it was closed', async () => {
    expect(EngineContext.built).toBe(0);
    const context = EngineContext.build(parts());
    expect(EngineContext.built).toBe(1);
    expect(() => EngineContext.build(parts())).toThrow(/built its EngineContext already/);
    expect(EngineContext.built).toBe(1);
    await context.close();
    expect(() => EngineContext.build(parts())).toThrow(expect.objectContaining({ code: 'misconfigured' }));
    await EngineContext.build(parts({ allowSeveral: true })).close();
    expect(EngineContext.built).toBe(2);
  });

  it.each([
    ['two engines of a type', { engines: [new MemoryEngine(), new MemoryEngine(['duckdb'])] }, 'misconfigured'],
    ['a default storage without an engine', { defaultStorage: { name: 'w', type: 'redshift' } }, 'misconfigured'],
    ['a default storage with a bad name', { defaultStorage: { name: 'A b', type: 'duckdb' } }, 'invalid_name'],
    ['no statement in a batch', { options: { maxStatements: 0 } }, 'invalid_argument'],
    ['a timeout beyond the longest', { options: { statementTimeoutMs: 2, longestStatementMs: 1 } }, 'invalid_argument'],
    ['a handler too many', { handlers: [{ kinds: ['select'], authorize, execute }] }, 'misconfigured'],
  ] satisfies [string, Partial<EngineContextParts>, string][])('refuses %s, and does not count it', (_, more, code) => {
    const before = EngineContext.built;
    expect(() => EngineContext.build(parts({ ...more, allowSeveral: true }))).toThrow(
      expect.objectContaining({ code }),
    );
    expect(EngineContext.built).toBe(before);
  });

  it('takes a handler for a kind that has none', async () => {
    const killed: string[] = [];
    const handlers: EngineContextParts['handlers'] = [
      {
        kinds: ['kill_job'],
        authorize,
        async execute(statement) {
          if (statement.kind === 'kill_job') killed.push(statement.id);
          return execute();
        },
      },
    ];
    const world = new World({ handlers });
    await world.done(world.as('ann', 'user'), "KILL JOB 'j1'");
    expect(killed).toEqual(['j1']);
  });

  it('cancels what runs, then closes engines and the catalog, once', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user');
    const session = world.executor.openSession(ann);
    await world.done(ann, 'SELECT 1', [], { session });
    const running = world.run(ann, 'SELECT wait(); SELECT 2');
    await new Promise((resolve) => void setImmediate(resolve));
    expect(world.duck.openConnections).toBe(2);
    await Promise.all([world.engine.close(), world.engine.close()]);
    expect((await running).failure?.error.code).toBe('cancelled');
    expect(world.duck).toMatchObject({ openConnections: 0, isClosed: true });
    expect(world.warehouse.isClosed).toBe(true);
    await expect(world.catalog.list('acme', 'table')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('takes nothing once it is closed', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user');
    await world.engine.close();
    await expect(world.run(ann, 'SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
    expect(() => ExecutionContext.anonymous(world.engine, 'acme')).toThrow(/closed/);
    expect(() => world.executor.openSession(ann)).toThrow(/closed/);
  });

  it('does not wait for somebody who never reads a result', async () => {
    const world = await World.withSales();
    const ann = world.as('ann', 'user');
    const stream = await world.executor.stream('SELECT 1', [], ann);
    expect(world.engine.queries.count).toBe(1);
    await world.engine.close();
    expect([world.engine.queries.count, world.duck.openConnections]).toEqual([0, 0]);
    await expect(stream.batches()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'cancelled' });
  });
});

async function authorize(): Promise<void> {}

async function execute() {
  return { columns: [], rowsAffected: 1, message: null, async *batches() {}, close: async () => {} };
}
