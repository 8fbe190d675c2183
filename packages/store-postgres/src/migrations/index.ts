import { Leases1763700000002 } from './1763700000002-leases.ts';
import { Pool1763700000003 } from './1763700000003-pool.ts';
import { Sessions1763700000001 } from './1763700000001-sessions.ts';

export const migrations = [Sessions1763700000001, Leases1763700000002, Pool1763700000003];
