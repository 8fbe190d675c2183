import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const postgresSlow: Drill = {
  name: 'postgres-slow',
  purpose: 'what goes to PostgreSQL and comes back takes 200 ms longer each way',
  backends: BACKENDS,
  inject: async (site) => site.line('postgres').delay(200),
  recover: async (site) => site.line('postgres').heal(),
};
