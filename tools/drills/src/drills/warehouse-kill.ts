import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const warehouseKill: Drill = {
  name: 'warehouse-kill',
  purpose: 'kill -9 of the warehouse, started again',
  backends: BACKENDS,
  inject: (site) => site.server('warehouse').kill(),
  recover: (site) => site.server('warehouse').restart(),
};
