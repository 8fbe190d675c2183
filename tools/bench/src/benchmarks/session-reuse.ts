import type { Benchmark, BenchmarkRun, Report } from '../benchmark.ts';
import { startEmulatorProcess } from '../session-reuse/emulator-process.ts';
import { reportOf } from '../session-reuse/figures.ts';
import { openLaboratory, type StartEmulator } from '../session-reuse/laboratory.ts';
import { Measurement, type RunFigures, type Sizes } from '../session-reuse/measurement.ts';

const FULL: Sizes = { sequential: 200, sequentialPerWithout: 10, concurrentEach: 40, warmUp: 50 };
const QUICK: Sizes = { sequential: 10, sequentialPerWithout: 5, concurrentEach: 4, warmUp: 2 };

export interface SessionReuseOptions {
  readonly startEmulator: StartEmulator;
  readonly connectDelayMs: number;
}

/** What reusing warehouse sessions saves, and what the pool costs. */
export async function measureSessionReuse(options: SessionReuseOptions, run: BenchmarkRun): Promise<Report> {
  const { progress } = run;
  const sizes = run.quick ? QUICK : FULL;
  progress('starting PostgreSQL and redshift-data-local');
  const laboratory = await openLaboratory(options.startEmulator, options.connectDelayMs);
  try {
    progress('warming up');
    const measurement = await Measurement.warmUp(laboratory, sizes);
    const runs: RunFigures[] = [];
    for (let index = 0; index < run.runs; index += 1) {
      progress(`run ${index + 1} of ${run.runs}`);
      runs.push(await measurement.run(index));
    }
    for (const warning of laboratory.counts.warnings) progress(`warning of the pool: ${warning}`);
    return reportOf('session-reuse', measurement.warmUpCounts, runs);
  } finally {
    await laboratory.close();
  }
}

export const sessionReuse: Benchmark = {
  name: 'session-reuse',
  summary: 'a statement without reuse, with reuse, with 16 callers over 4 tenants, and by the bare SDK',
  conditions: [
    'redshift-data-local runs as a process of its own and takes 250 ms to connect; the engine below it is PostgreSQL.',
    'The statement reads one row of constants; latency is from its submission to its last row: two calls.',
    "Call quotas are raised to 1,000,000 per second: the service's own 30 ExecuteStatement calls per second would be measured instead.",
    'Every arm is warmed up; the sequential arms take turns statement by statement, the concurrent ones block by block.',
  ],
  run: (run) => measureSessionReuse({ startEmulator: startEmulatorProcess, connectDelayMs: 250 }, run),
};
