import type { Drill } from '../drill.ts';

export const redisHang: Drill = {
  name: 'redis-hang',
  purpose: 'connections to Redis are half open: they stay, and nothing passes',
  backends: ['redis', 'failover'],
  inject: async (site) => site.line('redis').hang(),
  recover: async (site) => site.line('redis').heal(),
};
