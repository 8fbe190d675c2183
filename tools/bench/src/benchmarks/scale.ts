import { backendsWith } from '../backends.ts';
import type { Benchmark, BenchmarkRun, Report } from '../benchmark.ts';
import type { SectionReport } from '../engine/engine-report.ts';
import { measureProcesses, type ProcessSizes } from '../scale/process-scale.ts';
import { measureSessions, type SessionSizes } from '../scale/session-scale.ts';
import { measureStock, type StockSizes } from '../scale/stock-scale.ts';

interface Sizes {
  readonly processes: ProcessSizes;
  readonly sessions: SessionSizes;
  readonly stored: StockSizes;
  readonly backends: readonly string[];
}

const FULL: Sizes = {
  processes: { processes: [1, 2, 4, 8], callers: 64, calls: 4000 },
  sessions: { sessions: [10, 100, 1000, 10_000], durationMs: 3000, warmUpMs: 500 },
  stored: { stored: [10_000, 100_000, 1_000_000], calls: 500 },
  backends: ['postgres', 'redis'],
};
const QUICK: Sizes = {
  processes: { processes: [1, 2], callers: 2, calls: 4 },
  sessions: { sessions: [2, 4], durationMs: 1000, warmUpMs: 0 },
  stored: { stored: [20, 40], calls: 3 },
  backends: ['redis'],
};

type Section = (sizes: Sizes, run: BenchmarkRun) => Promise<readonly SectionReport[]>;

const SECTIONS: Readonly<Record<string, Section>> = {
  processes: async ({ processes }, { runs, progress }) => [await measureProcesses(processes, runs, progress)],
  sessions: (sizes, { runs, progress }) =>
    onEach('load', sizes, (backend) => measureSessions(backend, sizes.sessions, runs, progress)),
  stored: (sizes, { runs, progress }) =>
    onEach('memory', sizes, (backend) => measureStock(backend, sizes.stored, runs, progress)),
};

async function onEach(
  measured: 'load' | 'memory',
  { backends }: Sizes,
  measure: (backend: ReturnType<typeof backendsWith>[number]) => Promise<SectionReport>,
): Promise<readonly SectionReport[]> {
  const reports: SectionReport[] = [];
  for (const backend of backendsWith(measured)) {
    if (backends.includes(backend.name)) reports.push(await measure(backend));
  }
  return reports;
}

export async function measureScale(run: BenchmarkRun): Promise<Report> {
  const sizes = run.quick ? QUICK : FULL;
  const reports: SectionReport[] = [];
  for (const [name, measure] of Object.entries(SECTIONS)) {
    if (run.sections.includes(name)) reports.push(...(await measure(sizes, run)));
  }
  return {
    benchmark: 'scale',
    runs: run.runs,
    rows: reports.flatMap(({ rows }) => rows),
    checks: reports.flatMap(({ checks }) => checks),
  };
}

export const scale: Benchmark = {
  name: 'scale',
  summary: 'how cost grows: 1 to 8 processes, 10 to 10,000 concurrent sessions, 10,000 to 1,000,000 stored ones',
  conditions: [
    'Processes, servers and callers share this machine and its cores: more processes than cores gain nothing here.',
    'Concurrent sessions are an open loop: a time begins when a call was due, so what is not kept up with shows as time.',
    'Stored sessions are of a subject each and come on top of each other, so their numbers are measured one after the other.',
    'Concurrent sessions wait for the disk (PostgreSQL: each commit; Redis: each second), stored ones do not.',
  ],
  sections: Object.keys(SECTIONS),
  run: measureScale,
};
