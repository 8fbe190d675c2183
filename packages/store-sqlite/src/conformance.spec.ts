import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { sqliteHarness } from './conformance.fixture.ts';
import { storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

let folder: StoreFolder;
beforeAll(async () => {
  folder = await storeFolder();
});
afterAll(() => folder.remove());

conformance(
  { describe, it },
  sqliteHarness(() => folder),
);
