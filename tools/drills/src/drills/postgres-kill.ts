import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const postgresKill: Drill = {
  name: 'postgres-kill',
  purpose: 'kill -9 of PostgreSQL, started again',
  backends: BACKENDS,
  inject: (site) => site.server('postgres').kill(),
  recover: (site) => site.server('postgres').restart(),
};
