import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const warehouseLostAnswers: Drill = {
  name: 'warehouse-lost-answers',
  purpose: 'statements are taken by the warehouse, and its answers lost',
  backends: BACKENDS,
  inject: (site) => site.warehouse.loseAnswers(1000),
  recover: (site) => site.warehouse.loseAnswers(0),
};
