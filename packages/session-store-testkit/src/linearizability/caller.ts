import type { StoreBackend } from '@mooring/session-store';
import type { History } from './history.ts';

/** One who makes one call after the other, each chosen at random. */
export interface Caller {
  /** @throws Unanswered */
  step(): Promise<void>;
}

export interface Calling {
  readonly history: History;
  readonly store: StoreBackend;
  /** Unique among all callers. */
  readonly client: string;
  readonly choose: Choose;
}

/** A whole number below `count`. */
export type Choose = (count: number) => number;

const MODULUS = 2_147_483_647;
const FACTOR = 48_271;

/** The same choices for the same seed: Park and Miller's generator. */
export function choices(seed: number): Choose {
  let state = (((seed % (MODULUS - 1)) + MODULUS) % (MODULUS - 1)) + 1;
  return (count) => {
    state = (state * FACTOR) % MODULUS;
    return Math.floor((state / MODULUS) * count);
  };
}
