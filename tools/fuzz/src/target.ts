import type { Arbitrary } from 'fast-check';

/** Something that reads input from outside. */
export interface Target {
  readonly name: string;
  readonly summary: string;
  /** Inputs by what they are examples of: where mutation starts, and what is always tried as it is. */
  readonly corpus: Readonly<Record<string, string>>;
  /** How many inputs `npm test` tries. */
  readonly testRuns: number;
  /** How many inputs are read at once, where most of the time is waited. One unless given. */
  readonly sideBySide?: number;
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /** What is tried beside mutations of the corpus, which `mutations` are given. */
  inputs(mutations: Arbitrary<string>): Arbitrary<string>;
  /**
   * Gives it one input, and fails when a promise is broken.
   * @throws with what was broken, and never with the input
   */
  check(input: string): void | Promise<void>;
  /** What takes time for a size alone: it is measured at several sizes. Left out where sizes are bounded. */
  readonly read?: (input: string) => unknown;
  close(): Promise<void>;
}
