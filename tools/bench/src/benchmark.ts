import type { Spread } from './statistics.ts';

/** One figure of one arm, over all runs. */
export interface Row {
  /** What is measured, and after ` / ` what `ratio` compares it with. */
  readonly name: string;
  readonly arm: string;
  readonly unit: string;
  readonly p50: number;
  readonly p95: number;
  /** Where there were calls enough to tell. */
  readonly p99?: number;
  readonly p999?: number;
  /** To the reference, for each run by itself: its median, its least and its greatest over the runs. */
  readonly ratio: Spread;
  /** Where it is one point of a line: how the figure grows with something. */
  readonly growth?: Growth;
}

export interface Growth {
  /** Title of the plot; the arms are its lines. */
  readonly plot: string;
  /** What it grows with: `stored sessions`. */
  readonly axis: string;
  readonly at: number;
}

/** A figure that was promised. */
export interface Check {
  readonly name: string;
  readonly target: string;
  readonly value: number;
  readonly ok: boolean;
}

export interface Report {
  readonly benchmark: string;
  readonly runs: number;
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
}

export interface BenchmarkRun {
  /** How often everything is measured; ratios are taken within a run. */
  readonly runs: number;
  /** Few repetitions: shows that the benchmark works, its figures mean little. */
  readonly quick: boolean;
  /** Which of the benchmark's backends to measure. */
  readonly backends: readonly string[];
  /** Which of the benchmark's sections to measure. */
  readonly sections: readonly string[];
  /** Says what happens. */
  readonly progress: (line: string) => void;
}

/** What `npm run bench -- <name>` runs. */
export interface Benchmark {
  readonly name: string;
  /** One line for the list. */
  readonly summary: string;
  /** Circumstances that a reader of the figures has to know. */
  readonly conditions: readonly string[];
  /** What `--backend` may name; absent where there is nothing to choose. */
  readonly backends?: readonly string[];
  /** What `--section` may name; absent where it is measured as a whole. */
  readonly sections?: readonly string[];
  run(run: BenchmarkRun): Promise<Report>;
}
