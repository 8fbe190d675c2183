import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { postgresHarness } from './conformance.fixture.ts';
import { Scratch } from './postgres.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

conformance(
  { describe, it },
  postgresHarness(() => scratch),
);
