import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const postgresHang: Drill = {
  name: 'postgres-hang',
  purpose: 'connections to PostgreSQL are half open: they stay, and nothing passes',
  backends: BACKENDS,
  inject: async (site) => site.line('postgres').hang(),
  recover: async (site) => site.line('postgres').heal(),
};
