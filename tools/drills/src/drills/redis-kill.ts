import type { Drill } from '../drill.ts';

export const redisKill: Drill = {
  name: 'redis-kill',
  purpose: 'kill -9 of Redis, started again',
  backends: ['redis', 'failover'],
  inject: (site) => site.server('redis').kill(),
  recover: (site) => site.server('redis').restart(),
};
