import type { SessionCopies, StoreBackend, StoreCapabilities } from '@mooring/session-store';
import type { ConformanceHarness } from '@mooring/session-store-testkit';
import { createFailoverStore } from './index.ts';
import type { Servers } from './servers.fixture.ts';
import { VirtualTimer } from './virtual-timer.fixture.ts';
import { warmed } from './warmed.fixture.ts';

export const CAPABILITIES: StoreCapabilities = {
  clock: 'server',
  expiryResolutionMs: 1,
  listConsistency: 'strong',
  durable: true,
  shared: true,
  maxDataBytes: 262_144,
};

const BENEATH = { reason: 'the rows are of store-postgres and the keys of store-redis, whose specs look at them' };

export interface HarnessOptions {
  readonly name: string;
  readonly servers: () => Servers;
  readonly copies: (namespace: string) => Promise<SessionCopies>;
  readonly onEvent?: (event: string) => void;
  /** What goes to the authority either way is tried less often: `conformance.spec.ts` has all of it. */
  readonly isBrief?: boolean;
}

/**
 * A harness over a real authority. Time within the process goes on only where a store waits, so that in between what is
 * known stays fresh; without a clock of its own a store has real time.
 */
export function harnessOf({ name, servers, copies, onEvent, isBrief = false }: HarnessOptions): ConformanceHarness {
  const timer = new VirtualTimer();
  return {
    name,
    capabilities: CAPABILITIES,
    ...(isBrief ? { floodKeys: 1000, modelRuns: 20 } : {}),
    open: async ({ namespace, clock }): Promise<StoreBackend> => {
      const store = await createFailoverStore({
        authority: await servers().authority({ namespace, ...(clock === undefined ? {} : { clock }) }),
        copies: await copies(namespace),
        ...(clock === undefined ? {} : { clock, timer }),
        ...(onEvent === undefined ? {} : { observer: { onEvent } }),
      });
      await timer.wait(100);
      return warmed(store);
    },
    raw: BENEATH,
    wire: { reason: 'round-trips.spec.ts counts at both' },
    faults: { reason: 'faults.spec.ts and authority-faults.spec.ts break either line' },
    pristine: { reason: 'its parts are open when it gets them' },
    logs: { reason: 'failover-store.spec.ts reads its warnings' },
  };
}
