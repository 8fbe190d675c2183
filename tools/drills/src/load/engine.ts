import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ask } from './clients.ts';
import type { Caller } from './world.ts';

/** Of the engine, in the warehouse. */
export const NAMESPACE = 'drills';
/** Rows of this table are runs of statements. */
export const ENGINE_TABLE = 'engine_runs';

/** The limit of a session is for another caller. */
const PAUSE_MS = 250;

/** SQL through the engine, in the warehouse: a change, and a look at it. */
export const ENGINE: Caller = {
  name: 'SQL',
  async call(world) {
    await setTimeout(PAUSE_MS);
    const { token, tenantId } = world.people.administrator;
    const entry = world.ledger.submitted(randomUUID(), tenantId);
    const sql = `insert into ${ENGINE_TABLE} values ('${entry.id}')`;
    const path = ['query', 'POST', '/v1/sql'] as const;
    const changed = await ask(world, path, { token, body: { namespace: NAMESPACE, sql } }, [200]);
    if (changed === undefined) return false;
    entry.outcome = 'acknowledged';
    const look = `select id from ${ENGINE_TABLE} where id = '${entry.id}'`;
    const read = await ask(world, path, { token, body: { namespace: NAMESPACE, sql: look } }, [200]);
    if (read !== undefined && !read.text.includes(`"${entry.id}"`)) {
      world.ledger.faults.push(`an acknowledged row is not read back: ${read.text}`);
    }
    return read !== undefined;
  },
};
