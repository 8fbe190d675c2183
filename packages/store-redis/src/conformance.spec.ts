import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { testRedis } from '@mooring/services';
import type { TestRedis } from '@mooring/services';
import { createRedisStore } from './index.ts';
import { dump } from './redis.fixture.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await testRedis();
});

afterAll(() => redis?.stop());

conformance(
  { describe, it },
  {
    name: 'redis',
    capabilities: {
      clock: 'server',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: false,
      shared: true,
      maxDataBytes: 262_144,
    },
    open: (options) => createRedisStore({ url: redis.url, ...options }),
    rawDump: () => dump(redis.url),
  },
);
