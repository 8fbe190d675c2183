import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const warehouseHang: Drill = {
  name: 'warehouse-hang',
  purpose: 'connections to the warehouse are half open: they stay, and nothing passes',
  backends: BACKENDS,
  inject: async (site) => site.line('warehouse').hang(),
  recover: async (site) => site.line('warehouse').heal(),
};
