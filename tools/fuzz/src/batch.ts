import { writeSync, openSync, closeSync, ftruncateSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { growthOf } from './growth.ts';
import { mutations } from './mutation.ts';
import type { OpenTarget, Target } from './target.ts';

export interface Finding {
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

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** @param journal a file that says which input is being read, for whoever watches this process */
export async function feederOf(target: Target, journal: string): Promise<Feeder> {
  const file = openSync(journal, 'w');
  const opened: OpenTarget = await target.open();
  const inputs = opened.inputs(mutations(Object.values(target.corpus)));
  const note = (input: string): void => {
    ftruncateSync(file);
    writeSync(file, input, 0);
  };
  const check = async (input: string): Promise<void> => {
    note(input);
    await opened.check(input);
  };
  return {
    async corpus() {
      let runs = 0;
      for (const input of Object.values(target.corpus)) {
        runs += 1;
        try {
          await check(input);
        } catch (error) {
          return { runs, finding: { input, reason: told(error) }, heapBytes: heapBytes() };
        }
      }
      return { runs, heapBytes: heapBytes() };
    },
    async batch(seed, runs) {
      const result = await fc.check(fc.asyncProperty(inputs, check), { seed, numRuns: runs });
      const done = { runs: result.numRuns, heapBytes: heapBytes() };
      if (!result.failed) return done;
      const [input = ''] = result.counterexample ?? [];
      return { ...done, finding: { input, reason: told(result.errorInstance) } };
    },
    async growth(input) {
      note(input);
      const reason = opened.read === undefined ? undefined : growthOf(opened.read, input);
      const done = { runs: 1, heapBytes: heapBytes() };
      return reason === undefined ? done : { ...done, finding: { input, reason } };
    },
    async close() {
      await opened.close();
      closeSync(file);
    },
  };
}
