import type { ConformanceHarness } from '@mooring/session-store-testkit';
import { startFaultProxy } from '@mooring/services';
import { createPostgresStore } from './index.ts';
import { RecordingPool, Scratch } from './postgres.fixture.ts';

const IN_NAMESPACE = `select c.relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relname like 'mooring\\_%' and c.relkind = 'r' and a.attname = 'namespace'`;

/** Rows of the namespace, each with the transaction that wrote it. */
async function dump(scratch: Scratch, namespace: string): Promise<string> {
  const texts: string[] = [];
  for (const { name } of await scratch.sql<{ name: string }>(IN_NAMESPACE)) {
    const rows = await scratch.sql<{ row: string }>(
      `select t.xmin::text || ' ' || t::text as row from ${name} t where t.namespace = $1 order by t::text`,
      [namespace],
    );
    texts.push(name, ...rows.map(({ row }) => row));
  }
  return texts.join('\n');
}

async function size(scratch: Scratch, namespace: string): Promise<number> {
  let rows = 0;
  for (const { name } of await scratch.sql<{ name: string }>(IN_NAMESPACE)) {
    const [found] = await scratch.sql<{ rows: number }>(
      `select count(*)::int as rows from ${name} where namespace = $1`,
      [namespace],
    );
    rows += found?.rows ?? 0;
  }
  return rows;
}

/** On a database that is there when the tests run. */
export function postgresHarness(scratch: () => Scratch): ConformanceHarness {
  let migrated = false;
  return {
    name: 'postgres',
    capabilities: {
      clock: 'server',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: true,
      shared: true,
      maxDataBytes: 262_144,
    },
    async open(options) {
      const store = await scratch().store({ ...options, poolSize: 4, migrate: !migrated });
      migrated = true;
      return store;
    },
    raw: {
      dump: (namespace) => dump(scratch(), namespace),
      size: (namespace) => size(scratch(), namespace),
      damageSession: async (namespace, { tenantId, id }) => {
        await scratch().sql(
          `update mooring_sessions set data = '[1]' where namespace = $1 and tenant_id = $2 and id = $3`,
          [namespace, tenantId, id],
        );
      },
      dropIndexEntry: { reason: 'a row and its places in the indexes change in one transaction' },
    },
    wire: {
      async open(options) {
        const pool = new RecordingPool(scratch().pool(2));
        return { store: await scratch().store({ ...options, pool }), sent: () => pool.sent.length };
      },
    },
    async faults() {
      const { url } = scratch();
      const proxy = await startFaultProxy({ target: url });
      return {
        open: (options) =>
          createPostgresStore({
            ...options,
            url: proxy.url(url),
            poolSize: 2,
            statementTimeoutMs: 200,
            connectionTimeoutMs: 1000,
          }),
        cut: () => proxy.cut(),
        hang: () => proxy.hang(),
        delay: (ms) => proxy.delay(ms),
        heal: () => proxy.heal(),
        connections: () => proxy.connections,
        close: () => proxy.close(),
      };
    },
    async pristine() {
      const fresh = await scratch().beside();
      return { open: (options) => fresh.store(options), remove: () => fresh.stop() };
    },
    logs: { reason: 'it writes no log' },
  };
}
