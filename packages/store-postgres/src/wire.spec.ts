import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { preparedOperations } from '@mooring/session-store-testkit';
import type { Pool } from 'pg';
import type { PostgresStore } from './index.ts';
import { RecordingPool, Scratch, newSession } from './postgres.fixture.ts';

let scratch: Scratch;
let pool: Pool;
let recording: RecordingPool;
let store: PostgresStore;

beforeAll(async () => {
  scratch = await Scratch.start();
  pool = scratch.pool(1);
  recording = new RecordingPool(pool);
  store = await scratch.store({ pool: recording });
});

afterAll(() => scratch?.stop());

beforeEach(() => {
  recording.sent.splice(0);
});

describe('wire budget', () => {
  it('is one named query for each operation', async () => {
    for (const { name, run } of await preparedOperations(store, { now: Date.now() })) {
      recording.sent.splice(0);
      await run(store);
      expect([name, recording.sent.length]).toEqual([name, 1]);
      expect(recording.sent[0]?.name).toMatch(/^mooring_[a-z_]{1,50}_\d+$/);
    }
    expect(await store.pool.renew([], 1000)).toEqual([]);
  });

  it('prepares a statement once on a connection and then only runs it', async () => {
    const session = newSession();
    await store.sessions.create(session);
    for (let round = 0; round < 20; round += 1) await store.sessions.touch(session);
    const client = await pool.connect();
    const prepared = await client.query<{ name: string; runs: number }>(
      `select name, (generic_plans + custom_plans)::int as runs from pg_prepared_statements where name like 'mooring_%'`,
    );
    client.release();
    expect(prepared.rows.find(({ name }) => name === 'mooring_session_touch_2')?.runs).toBeGreaterThanOrEqual(20);
    expect(prepared.rows.length).toBeGreaterThan(25);
  });
});
