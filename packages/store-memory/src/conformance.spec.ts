import { describe, it } from '@jest/globals';
import { conformance, documented } from '@mooring/session-store-testkit';
import { memoryHarness } from './conformance.fixture.ts';

const report = conformance({ describe, it }, memoryHarness);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
