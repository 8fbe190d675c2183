import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const postgresCut: Drill = {
  name: 'postgres-cut',
  purpose: 'every connection to PostgreSQL is reset, and every new one',
  backends: BACKENDS,
  inject: async (site) => site.line('postgres').cut(),
  recover: async (site) => site.line('postgres').heal(),
};
