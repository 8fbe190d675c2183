import { describe, it } from '@jest/globals';
import { conformance } from '@mooring/session-store-testkit';
import { createMemoryStore } from './index.ts';

conformance(
  { describe, it },
  {
    name: 'memory',
    capabilities: createMemoryStore().capabilities,
    open: async (options) => createMemoryStore(options),
  },
);
