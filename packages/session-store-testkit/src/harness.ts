import { randomUUID } from 'node:crypto';
import type { Clock, StoreBackend, StoreCapabilities } from '@mooring/session-store';
import { ManualClock } from './manual-clock.ts';

/** How the kit gets at an adapter. Starting and stopping servers is the spec's own business. */
export interface ConformanceHarness {
  readonly name: string;
  /** What the adapter declares; what is declared is tested. */
  readonly capabilities: StoreCapabilities;
  /**
   * A new client that decides by `clock`, or by its own clock where there is none. With `capabilities.shared`, clients
   * of one namespace are independent of each other and see the same rows. The kit closes each client that it opened.
   */
  open(options: { readonly namespace: string; readonly clock?: Clock }): Promise<StoreBackend>;
  /** Everything that the backend holds, as text: for the check that no secret is in it. */
  rawDump?(): Promise<string>;
  /** How many random sequences are run against the models. Default 50. */
  readonly modelRuns?: number;
  /** Their seed. Default: the same for every backend. */
  readonly modelSeed?: number;
}

/** What one check works on: a namespace of its own, at a time of its own. */
export interface Trial {
  readonly harness: ConformanceHarness;
  readonly namespace: string;
  readonly clock: ManualClock;
  readonly store: StoreBackend;
  /** Another client on the same rows; the same client where the backend is not shared. */
  readonly second: StoreBackend;
  /** A further client, in a namespace beside this one when `suffix` is given. */
  readonly open: (suffix?: string) => Promise<StoreBackend>;
  /** A client that decides by its own clock. */
  readonly openWithOwnClock: () => Promise<StoreBackend>;
}

export type Check = (trial: Trial) => Promise<void>;

/** Checks of one topic, by what they say of a store that passes. */
export type Checks = Readonly<Record<string, Check>>;

/** Runs one check on fresh clients and closes them. Fails as the check fails. */
export async function runCheck(harness: ConformanceHarness, check: Check): Promise<void> {
  const clients: StoreBackend[] = [];
  const clock = new ManualClock();
  const namespace = `kit-${randomUUID()}`;
  const opened = async (options: { readonly namespace: string; readonly clock?: Clock }): Promise<StoreBackend> => {
    const client = await harness.open(options);
    clients.push(client);
    return client;
  };
  try {
    const store = await opened({ namespace, clock });
    const second = harness.capabilities.shared ? await opened({ namespace, clock }) : store;
    await check({
      harness,
      namespace,
      clock,
      store,
      second,
      open: (suffix = '') => opened({ namespace: namespace + suffix, clock }),
      openWithOwnClock: () => opened({ namespace }),
    });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}
