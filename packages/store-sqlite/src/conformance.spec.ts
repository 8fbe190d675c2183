import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { createSqliteStore } from './index.ts';
import { storeFolder } from './store-folder.fixture.ts';
import type { StoreFolder } from './store-folder.fixture.ts';

let folder: StoreFolder;
beforeAll(async () => {
  folder = await storeFolder();
});
afterAll(() => folder.remove());

conformance(
  { describe, it },
  {
    name: 'sqlite',
    capabilities: {
      clock: 'process',
      expiryResolutionMs: 1,
      listConsistency: 'strong',
      durable: true,
      shared: true,
      maxDataBytes: 262_144,
    },
    open: (options) => createSqliteStore({ file: folder.file, ...options }),
    rawDump: () => folder.dump(),
  },
);
