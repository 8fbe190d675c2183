import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance, documented } from '@mooring/session-store-testkit';
import { testRedis } from '@mooring/services';
import type { TestRedis } from '@mooring/services';
import { redisHarness } from './conformance.fixture.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await testRedis();
});

afterAll(() => redis?.stop());

const report = conformance(
  { describe, it },
  redisHarness(() => redis.url),
);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
