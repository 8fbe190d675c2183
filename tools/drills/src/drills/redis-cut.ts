import type { Drill } from '../drill.ts';

export const redisCut: Drill = {
  name: 'redis-cut',
  purpose: 'every connection to Redis is reset, and every new one',
  backends: ['redis', 'failover'],
  inject: async (site) => site.line('redis').cut(),
  recover: async (site) => site.line('redis').heal(),
};
