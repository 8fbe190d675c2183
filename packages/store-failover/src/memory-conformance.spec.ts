import { afterAll, describe, expect, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { createMemoryStore } from '@mooring/store-memory';
import { CopyMemory, MemoryCopies } from '@mooring/simulation';
import { createFailoverStore } from './index.ts';
import { VirtualTimer } from './virtual-timer.fixture.ts';
import { warmed } from './warmed.fixture.ts';

let hits = 0;

conformance(
  { describe, it },
  {
    name: 'memory with copies',
    capabilities: createMemoryStore().capabilities,
    open: async (options) => {
      const timer = new VirtualTimer();
      const store = await createFailoverStore({
        authority: createMemoryStore(options),
        copies: new MemoryCopies(new CopyMemory()),
        timer,
        observer: { onEvent: (event) => (hits += event === 'hit' ? 1 : 0) },
        ...(options.clock === undefined ? {} : { clock: options.clock }),
      });
      await timer.wait(100);
      return warmed(store);
    },
  },
);

afterAll(() => {
  expect(hits).toBeGreaterThan(100);
});
