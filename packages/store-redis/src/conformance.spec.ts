import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { testRedis } from '@mooring/services';
import type { TestRedis } from '@mooring/services';
import { redisHarness } from './conformance.fixture.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await testRedis();
});

afterAll(() => redis?.stop());

conformance(
  { describe, it },
  redisHarness(() => redis.url),
);
