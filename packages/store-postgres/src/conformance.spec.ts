import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance, documented } from '@mooring/session-store-testkit';
import { postgresHarness } from './conformance.fixture.ts';
import { Scratch } from './postgres.fixture.ts';

let scratch: Scratch;

beforeAll(async () => {
  scratch = await Scratch.start();
});

afterAll(() => scratch?.stop());

const report = conformance(
  { describe, it },
  postgresHarness(() => scratch),
);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
