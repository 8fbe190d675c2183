import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const queryApiKill: Drill = {
  name: 'query-api-kill',
  purpose: 'kill -9 of one of two query-api processes, started again',
  backends: BACKENDS,
  inject: (site) => site.killPod('query'),
  recover: (site) => site.revivePods(),
};
