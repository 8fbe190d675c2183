import session from 'express-session';
import connectPg from 'connect-pg-simple';
import type { Pool } from 'pg';
import type { Ends } from '../backends/backend.ts';
import type { Contender } from '../stores/contender.ts';
import { expressOperations, expressSession } from './express-session.ts';

const SEMANTICS = 'last write wins';

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
