import { BACKENDS } from '../backends.ts';
import type { Drill } from '../drill.ts';

export const authApiKill: Drill = {
  name: 'auth-api-kill',
  purpose: 'kill -9 of one of two auth-api processes, started again',
  backends: BACKENDS,
  inject: (site) => site.killPod('auth'),
  recover: (site) => site.revivePods(),
};
