import { Sessions1763700000001 } from './1763700000001-sessions.ts';
import { Leases1763700000002 } from './1763700000002-leases.ts';
import { Pool1763700000003 } from './1763700000003-pool.ts';
import { Limits1763700000004 } from './1763700000004-limits.ts';
import { Attempts1763700000005 } from './1763700000005-attempts.ts';
import { Budgets1763700000006 } from './1763700000006-budgets.ts';
import { SessionsInFunctions1763700000007 } from './1763700000007-sessions-in-functions.ts';
import { LimitsOldestFirst1763700000008 } from './1763700000008-limits-oldest-first.ts';
import { PoolCountsTakers1763700000009 } from './1763700000009-pool-counts-takers.ts';

/** The schema, for a TypeORM data source of your own; `createPostgresStore` runs them by itself. */
export const migrations = [
  Sessions1763700000001,
  Leases1763700000002,
  Pool1763700000003,
  Limits1763700000004,
  Attempts1763700000005,
  Budgets1763700000006,
  SessionsInFunctions1763700000007,
  LimitsOldestFirst1763700000008,
  PoolCountsTakers1763700000009,
];
