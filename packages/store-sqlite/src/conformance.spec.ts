import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance, documented } from '@mooring/session-store-testkit';
import { sqliteHarness } from './conformance.fixture.ts';
import { storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

let folder: StoreFolder;
beforeAll(async () => {
  folder = await storeFolder();
});
afterAll(() => folder.remove());

const report = conformance(
  { describe, it },
  sqliteHarness(() => folder),
);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
