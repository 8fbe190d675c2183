import session from 'express-session';
import connectPg from 'connect-pg-simple';
import { Pool } from 'pg';
import { Ends } from '../backends/backend.ts';
import type { Contender } from '../stores/contender.ts';
import { inParallel } from '../stores/parallel.ts';
import { newSubject, newVisitor } from '../stores/visitors.ts';
import { expressOperations, expressSession } from './express-session.ts';

const SEMANTICS = 'last write wins';

/** Bytes that so many of its sessions take, indexes and all, in a database with nothing else in it. */
export async function connectPgSimpleBytes(url: string, sessions: number): Promise<number> {
  const ends = new Ends();
  const pool = new Pool({ connectionString: url, max: 10 });
  pool.on('error', () => undefined);
  ends.add(() => pool.end());
  try {
    const { operations } = await connectPgSimple(pool, ends);
    await inParallel(sessions, () => operations.create?.(newVisitor(newSubject())));
    await pool.query('vacuum (analyze) session');
    const size = await pool.query<{ bytes: string }>(`select pg_total_relation_size('session') as bytes`);
    return Number(size.rows[0]?.bytes);
  } finally {
    await ends.all();
  }
}

/** The express-session store on PostgreSQL, with its own table. */
export async function connectPgSimple(pool: Pool, ends: Ends): Promise<Contender> {
  const PgStore = connectPg(session);
  const store = new PgStore({ pool, createTableIfMissing: true, pruneSessionInterval: false });
  ends.add(() => store.close());
  await new Promise((resolve, reject) => {
    store.set('first', expressSession(), (error) =>
      error === undefined || error === null ? resolve(null) : reject(error),
    );
  });
  return {
    name: 'connect-pg-simple',
    how: {
      get: `get (${SEMANTICS})`,
      touch: `get, then touch (${SEMANTICS})`,
      create: `set, an upsert (${SEMANTICS})`,
      update: `set (${SEMANTICS})`,
      revoke: 'destroy (no tombstone)',
    },
    operations: expressOperations(store),
  };
}
