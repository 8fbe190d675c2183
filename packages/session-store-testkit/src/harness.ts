import { randomUUID } from 'node:crypto';
import type { Clock, StoreBackend, StoreCapabilities } from '@mooring/session-store';
import { ManualClock } from './manual-clock.ts';
import { isLeftOut, powerOf } from './powers.ts';
import type { HarnessPowers, LeftOut, Need, OpenOptions, Power } from './powers.ts';
import { UnhandledRejections } from './process/unhandled-rejections.ts';

/** How the kit gets at an adapter. Starting and stopping servers is the spec's own business. */
export interface ConformanceHarness extends HarnessPowers {
  readonly name: string;
  /** What the adapter declares; what is declared is tested. */
  readonly capabilities: StoreCapabilities;
  /**
   * A new client that decides by `clock`, or by its own clock where there is none. With `capabilities.shared`, clients
   * of one namespace are independent of each other and see the same rows. The kit closes each client that it opened.
   */
  open(options: OpenOptions): Promise<StoreBackend>;
  /** How long a call may take while a line is broken before it counts as one that never ends. Default 60,000. */
  readonly patienceMs?: number;
  /** How many distinct keys flood the store. Default 10,000; fewer where each call is slow. */
  readonly floodKeys?: number;
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
  /** A further client that decides by another clock. */
  readonly openWithClock: (clock: Clock) => Promise<StoreBackend>;
  /** Has it closed after the check, before what was kept earlier. */
  readonly keep: <T extends { close(): Promise<unknown> }>(resource: T) => T;
}

export interface Check {
  (trial: Trial): Promise<void>;
  /** Where the harness does not give it, the check does not apply. */
  readonly needs?: Need;
}

/** Checks of one topic, by what they say of a store that passes. */
export type Checks = Readonly<Record<string, Check>>;

/** A check of what only some harnesses give. */
export function needing<N extends Need>(needs: N, check: (trial: Trial, power: Power<N>) => Promise<void>): Check {
  const run = (trial: Trial): Promise<void> => {
    const power = powerOf(trial.harness, needs);
    if (isLeftOut(power)) throw new TypeError(`needs ${needs}: ${power.reason}`);
    return check(trial, power);
  };
  return Object.assign(run, { needs });
}

/** Why a check does not apply to an adapter, or undefined when it does. */
export function notApplicable(harness: ConformanceHarness, { needs }: Check): LeftOut | undefined {
  if (needs === undefined) return undefined;
  const power = powerOf(harness, needs);
  if (!isLeftOut(power)) return undefined;
  if (power.reason.trim() === '') throw new TypeError(`leaving out ${needs} takes a reason`);
  return power;
}

/**
 * Runs one check on fresh clients and closes them. Fails as the check fails, and when a promise was rejected meanwhile
 * that nobody handled.
 */
export async function runCheck(harness: ConformanceHarness, check: Check): Promise<void> {
  const kept: { close(): Promise<unknown> }[] = [];
  const clock = new ManualClock();
  const namespace = `kit-${randomUUID()}`;
  const keep = <T extends { close(): Promise<unknown> }>(resource: T): T => {
    kept.unshift(resource);
    return resource;
  };
  const opened = async (options: OpenOptions): Promise<StoreBackend> => keep(await harness.open(options));
  const unhandled = UnhandledRejections.watch();
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
      openWithClock: (other) => opened({ namespace, clock: other }),
      keep,
    });
  } finally {
    try {
      for (const resource of kept) await resource.close();
    } finally {
      await unhandled.stop();
    }
  }
  unhandled.requireNone();
}
