import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const warehouseSlow: Drill = {
  name: 'warehouse-slow',
  purpose: 'what goes to the warehouse and comes back takes 200 ms longer each way',
  backends: BACKENDS,
  inject: async (site) => site.line('warehouse').delay(200),
  recover: async (site) => site.line('warehouse').heal(),
};
