import { createPostgresStore } from '@mooring/store-postgres';
import { Pool } from 'pg';
import { create, ShiftedClock, type Stock } from '../../stock/stock.ts';
import type { Visitor } from '../../stores/contender.ts';
import { Ends } from '../backend.ts';

const NAMESPACE = 'bench';
const CHUNK = 10_000;

/** Rows that differ from one that the store made in their id and subject only. */
const COPY = `insert into mooring_sessions
  select copy.* from unnest($2::text[], $3::text[]) as one (id, subject_id)
  cross join mooring_sessions t
  cross join lateral jsonb_populate_record(t, jsonb_build_object('id', one.id, 'subject_id', one.subject_id)) copy
  where t.namespace = '${NAMESPACE}' and t.id = $1`;

const DELETE = `delete from mooring_sessions
  where namespace = '${NAMESPACE}' and least(idle_expires_at, absolute_expires_at) <= $1`;

const BYTES = `select pg_total_relation_size('mooring_sessions') + pg_total_relation_size('mooring_subjects') as bytes`;

/** Pages of an index that a vacuum empties are free for others once a later transaction and another vacuum have passed. */
const TIDY = ['vacuum (analyze) mooring_sessions', 'select pg_current_xact_id()', 'vacuum mooring_sessions'];

async function copies(pool: Pool, made: Visitor, visitors: Visitor[]): Promise<void> {
  for (let start = 0; start < visitors.length; start += CHUNK) {
    const chunk = visitors.slice(start, start + CHUNK);
    await pool.query(COPY, [made.id, chunk.map(({ id }) => id), chunk.map(({ subjectId }) => subjectId)]);
  }
  // A copy has the verifier of what it was made from.
  for (const visitor of visitors) visitor.verifier = made.verifier;
}

export async function openPostgresStock(url: string): Promise<Stock> {
  const ends = new Ends();
  try {
    const clock = new ShiftedClock();
    const store = await createPostgresStore({ url, namespace: NAMESPACE, clock });
    ends.add(() => store.close());
    const pool = new Pool({ connectionString: url, max: 2 });
    pool.on('error', () => undefined);
    ends.add(() => pool.end());
    return {
      store,
      clock,
      fill: async ([made, ...others]) => {
        if (made === undefined) return;
        await create(store, made);
        await copies(pool, made, others);
      },
      bytes: async () => Number((await pool.query<{ bytes: string }>(BYTES)).rows[0]?.bytes),
      tidy: async () => {
        for (const statement of TIDY) await pool.query(statement);
      },
      deleteAtOnce: async () => (await pool.query(DELETE, [clock.now()])).rowCount ?? 0,
      close: () => ends.all(),
    };
  } catch (error) {
    await ends.all();
    throw error;
  }
}
