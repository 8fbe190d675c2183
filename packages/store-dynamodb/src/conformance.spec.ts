import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { dynamoHarness, startBackend, stopBackend } from './conformance.fixture.ts';

// The floods of 10,000 keys are that many requests to one process.
jest.setTimeout(180_000);

beforeAll(startBackend);
afterAll(stopBackend);

conformance({ describe, it }, dynamoHarness);
