import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const cleanupWorkerKill: Drill = {
  name: 'cleanup-worker-kill',
  purpose: 'kill -9 of one of two cleanup-worker processes, started again',
  backends: BACKENDS,
  inject: (site) => site.killPod('worker'),
  recover: (site) => site.revivePods(),
};
