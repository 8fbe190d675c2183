import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const warehouseCut: Drill = {
  name: 'warehouse-cut',
  purpose: 'every connection to the warehouse is reset, and every new one',
  backends: BACKENDS,
  inject: async (site) => site.line('warehouse').cut(),
  recover: async (site) => site.line('warehouse').heal(),
};
