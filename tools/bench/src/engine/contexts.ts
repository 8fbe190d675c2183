import { runProgram } from '@mooring/services';
import { median } from '../statistics.ts';
import { checkAtMost, figureRow } from './engine-report.ts';
import type { SectionReport } from './engine-report.ts';

interface Made {
  /** Of the heap, after a collection. */
  readonly bytesEach: number;
  readonly nsEach: number;
}

export interface ContextFigures {
  readonly kept: Made;
  readonly dropped: Made;
  readonly keptWithPrincipal: Made;
  readonly keptEngines: Made;
}

const ARMS: readonly (readonly [keyof ContextFigures, string])[] = [
  ['kept', 'ExecutionContext, all kept'],
  ['dropped', 'ExecutionContext, each dropped'],
  ['keptWithPrincipal', 'the same with a principal of its own'],
  ['keptEngines', 'an EngineContext for each request'],
];

const MOST_BYTES = 200;
const MOST_NS = 1000;
/** Of the heap, over all that were dropped. */
const MOST_LEFT_MIB = 1;

/** What the context of a request takes, next to building the engine's for each. */
export async function measureContexts(
  runs: number,
  contexts: number,
  engines: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const figures: ContextFigures[] = [];
  for (let run = 0; run < runs; run += 1) {
    progress(`contexts: run ${run + 1} of ${runs}`);
    figures.push(await made(contexts, engines));
  }
  const valuesOf = (arm: keyof ContextFigures, value: keyof Made): number[] =>
    figures.map((figure) => figure[arm][value]);
  const rowsOf = (name: string, unit: string, value: keyof Made) =>
    ARMS.map(([arm, title]) =>
      figureRow(`${name} / ${ARMS[0]?.[1]}`, title, unit, valuesOf(arm, value), valuesOf('kept', value)),
    );
  const left = median(valuesOf('dropped', 'bytesEach')) * contexts;
  return {
    rows: [...rowsOf('heap for each', 'bytes', 'bytesEach'), ...rowsOf('time for each', 'ns', 'nsEach')],
    checks: [
      checkAtMost('bytes of an ExecutionContext', MOST_BYTES, median(valuesOf('kept', 'bytesEach'))),
      checkAtMost('ns for an ExecutionContext', MOST_NS, median(valuesOf('dropped', 'nsEach'))),
      checkAtMost(`MiB of the heap that ${contexts} dropped ones leave`, MOST_LEFT_MIB, left / 2 ** 20),
    ],
  };
}

async function made(contexts: number, engines: number): Promise<ContextFigures> {
  const program = runProgram({
    script: 'tools/bench/dist/engine/contexts-main.js',
    args: [String(contexts), String(engines)],
  });
  const code = await program.exited;
  if (code !== 0) throw new Error(`the contexts' process ended with ${code}:\n${program.output()}`);
  return JSON.parse(program.output()) as ContextFigures;
}
