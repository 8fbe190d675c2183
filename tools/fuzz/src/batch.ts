import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { growthOf } from './growth.ts';
import { Journal } from './journal.ts';
import { mutations } from './mutation.ts';
import type { OpenTarget, Target } from './target.ts';

export interface Finding {
  /** Several, one a line, when the process ended or hung while it read them side by side. */
  readonly input: string;
  readonly reason: string;
}

export interface BatchReport {
  readonly runs: number;
  readonly finding?: Finding;
  /** Of the process that reads the input, after a collection. */
  readonly heapBytes: number;
}

/** A target that is fed batch by batch. */
export interface Feeder {
  /** Everything in the corpus as it is. */
  corpus(): Promise<BatchReport>;
  batch(seed: number, runs: number): Promise<BatchReport>;
  /** Whether an input that is repeated takes time out of proportion. */
  growth(input: string): Promise<BatchReport>;
  close(): Promise<void>;
}

interface Failure extends Finding {
  readonly index: number;
  readonly tookMs: number;
}

/** What takes longer to fail is told as it is: to read it again, and smaller ones, would look like a target that hangs. */
const QUICK_MS = 10_000;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** @param path of a file that says which inputs are being read, for whoever watches this process */
export async function feederOf(target: Target, path: string): Promise<Feeder> {
  const journal = new Journal(path);
  const opened: OpenTarget = await target.open();
  const { sideBySide = 1 } = target;
  const corpus = Object.values(target.corpus);
  const check = async (input: string, place?: number): Promise<void> => {
    journal.note(input, place);
    await opened.check(input);
  };
  const property = fc.asyncProperty(opened.inputs(mutations(corpus)), (input) => check(input));

  /** @returns the first that fails; those after it may not have been read */
  const firstFailure = async (inputs: readonly string[]): Promise<Failure | undefined> => {
    const failures: Failure[] = [];
    const rest = inputs.entries();
    const readOn = async (_: unknown, place: number): Promise<void> => {
      for (const [index, input] of rest) {
        const since = performance.now();
        try {
          await check(input, place);
        } catch (error) {
          failures.push({ index, input, reason: told(error), tookMs: performance.now() - since });
        }
        if (failures.length > 0) return;
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, readOn));
    return failures.toSorted((one, other) => one.index - other.index)[0];
  };

  /** What fails alone, too, as small as it can be. */
  const smallest = async ({ index, tookMs, ...finding }: Failure, seed: number): Promise<Finding> => {
    if (tookMs > QUICK_MS) return finding;
    const result = await fc.check(property, { seed, path: String(index), numRuns: 1 });
    if (!result.failed) return { ...finding, reason: `${finding.reason} (not when it was read again, alone)` };
    const [input = finding.input] = result.counterexample ?? [];
    return { input, reason: told(result.errorInstance) };
  };

  return {
    async corpus() {
      const failure = await firstFailure(corpus);
      if (failure === undefined) return { runs: corpus.length, heapBytes: heapBytes() };
      const { index, input, reason } = failure;
      return { runs: index + 1, finding: { input, reason }, heapBytes: heapBytes() };
    },
    async batch(seed, runs) {
      const failure = await firstFailure(fc.sample(property, { seed, numRuns: runs }).map(([input]) => input));
      if (failure === undefined) return { runs, heapBytes: heapBytes() };
      return { runs: failure.index + 1, finding: await smallest(failure, seed), heapBytes: heapBytes() };
    },
    async growth(input) {
      journal.note(input);
      const reason = opened.read === undefined ? undefined : growthOf(opened.read, input);
      const done = { runs: 1, heapBytes: heapBytes() };
      return reason === undefined ? done : { ...done, finding: { input, reason } };
    },
    async close() {
      await opened.close();
      journal.close();
    },
  };
}
