import { describe, it } from '@jest/globals';
import { conformance, documented, linearizability } from '@mooring/session-store-testkit';
import { memoryHarness } from './conformance.fixture.ts';
import { createMemoryStore } from './index.ts';

const report = conformance({ describe, it }, memoryHarness);

const store = createMemoryStore();
linearizability(
  { describe, it },
  { name: 'memory', stores: () => [store, store] },
  { rounds: Number(process.env['MOORING_TEST_HISTORIES'] ?? 1) },
);

const REFERENCE = new URL('../../../docs/reference/conformance.json', import.meta.url);

describe('the reference', () => {
  it('says of this adapter what it declares', () =>
    documented(report, REFERENCE, { write: process.env['MOORING_TEST_WRITE_DOCS'] === '1' }));
});
