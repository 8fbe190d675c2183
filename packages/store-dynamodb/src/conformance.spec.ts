import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { conformance, documented } from '@mooring/session-store-testkit';
import { dynamoHarness, startBackend, stopBackend } from './conformance.fixture.ts';

// Each request is answered by one process that simulates the service.
jest.setTimeout(180_000);

beforeAll(startBackend);
afterAll(stopBackend);

const report = conformance({ describe, it }, dynamoHarness);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
