import type { Drill } from '../drill.ts';

export const redisSlow: Drill = {
  name: 'redis-slow',
  purpose: 'what goes to Redis and comes back takes 200 ms longer each way',
  backends: ['redis', 'failover'],
  inject: async (site) => site.line('redis').delay(200),
  recover: async (site) => site.line('redis').heal(),
};
