import type { Benchmark, Report } from '../benchmark.ts';
import { commitOf, loadAverage, machineStamp } from './machine-stamp.ts';
import { readReport, withPart, writeReport } from './report-file.ts';
import type { ReportFile, ReportPart } from './report-file.ts';
import { writeDocument } from './report-folder.ts';
import type { ServerVersions } from './server-versions.ts';

export interface Recording {
  /** Where the reports of all benchmarks are. */
  readonly folder: string;
  /** Of the repository, for the commit. */
  readonly root: string;
  readonly servers: ServerVersions;
  readonly runs: number | undefined;
  readonly quick: boolean;
  readonly progress: (line: string) => void;
}

/** What a benchmark is measured in, one after the other: its backends, else its sections, else all of it. */
export function partsOf({ backends, sections }: Benchmark): readonly string[] {
  return backends ?? sections ?? [WHOLE];
}

const WHOLE = 'all';

/** How often everything is measured. */
export function runsOf(asked: number | undefined, quick: boolean): number {
  return asked ?? (quick ? 1 : 5);
}

/** Measures parts of a benchmark and puts each into the report as soon as it is there. */
export async function record(benchmark: Benchmark, parts: readonly string[], recording: Recording): Promise<Report> {
  const { folder, progress } = recording;
  const reports: Report[] = [];
  for (const part of parts) {
    progress(`${benchmark.name}, ${part}`);
    const measured = await measurePart(benchmark, part, recording);
    const before = (await readReport(folder, benchmark.name)) ?? {
      benchmark: benchmark.name,
      conditions: [],
      parts: [],
    };
    const after: ReportFile = withPart({ ...before, conditions: benchmark.conditions }, measured, partsOf(benchmark));
    await writeReport(folder, after);
    await writeDocument(folder, after);
    reports.push({ benchmark: benchmark.name, runs: measured.runs, rows: measured.rows, checks: measured.checks });
  }
  return {
    benchmark: benchmark.name,
    runs: reports[0]?.runs ?? 0,
    rows: reports.flatMap(({ rows }) => rows),
    checks: reports.flatMap(({ checks }) => checks),
  };
}

async function measurePart(benchmark: Benchmark, part: string, recording: Recording): Promise<ReportPart> {
  const { quick, progress, servers, root } = recording;
  const only = (names: readonly string[] | undefined): readonly string[] =>
    names?.includes(part) === true ? [part] : (names ?? []);
  const runs = runsOf(recording.runs, quick);
  const startedAt = new Date();
  const start = loadAverage();
  const report = await benchmark.run({
    runs,
    quick,
    backends: only(benchmark.backends),
    sections: only(benchmark.sections),
    progress,
  });
  return {
    part,
    quick,
    runs: report.runs,
    stamp: {
      date: startedAt.toISOString().slice(0, 16).replace('T', ' '),
      command: commandOf(benchmark, part, recording),
      commit: await commitOf(root),
      machine: machineStamp(),
      servers,
      load: { start, end: loadAverage() },
      seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
    },
    rows: report.rows,
    checks: report.checks,
  };
}

function commandOf({ name, backends }: Benchmark, part: string, { runs, quick }: Recording): string {
  const choice = part === WHOLE ? '' : ` --${backends === undefined ? 'section' : 'backend'} ${part}`;
  const options = `${runs === undefined ? '' : ` --runs ${runs}`}${quick ? ' --quick' : ''}`;
  return `npm run bench -- ${name}${choice}${options} --report`;
}
