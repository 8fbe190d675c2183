import type { Benchmark, BenchmarkRun, Report } from '../benchmark.ts';
import { measureContexts } from '../engine/contexts.ts';
import { openEngineLaboratory } from '../engine/engine-laboratory.ts';
import type { EngineLaboratory } from '../engine/engine-laboratory.ts';
import type { SectionReport } from '../engine/engine-report.ts';
import { measureRequests } from '../engine/requests.ts';
import { measureSteadyLoad } from '../engine/steady-load.ts';
import { measureStreams } from '../engine/streams.ts';
import { measureTenants } from '../engine/tenants.ts';

const FULL = {
  contexts: 1_000_000,
  engineContexts: 2000,
  flights: 100_000,
  streamed: 1_000_000,
  requests: { callers: [1, 16, 64], calls: { 'SELECT 1': 2000, aggregate: 300 } },
  load: { perSecond: 1000, seconds: 60 },
  tenants: { tenants: 1000, maxDatabases: 64, visits: 1000 },
};
const QUICK: typeof FULL = {
  contexts: 100,
  engineContexts: 2,
  flights: 100,
  streamed: 3000,
  requests: { callers: [1, 4], calls: { 'SELECT 1': 4, aggregate: 4 } },
  load: { perSecond: 10, seconds: 1 },
  tenants: { tenants: 4, maxDatabases: 2, visits: 4 },
};

type Section = (laboratory: EngineLaboratory, sizes: typeof FULL, run: BenchmarkRun) => Promise<SectionReport>;

/** Those that need the processes of the laboratory. */
const SECTIONS: Readonly<Record<string, Section>> = {
  streams: (laboratory, { streamed }, { runs, progress }) => measureStreams(laboratory, streamed, runs, progress),
  load: (laboratory, { load }, { runs, progress }) => measureSteadyLoad(laboratory, load, runs, progress),
  requests: (laboratory, { requests }, { runs, progress }) => measureRequests(laboratory, requests, runs, progress),
  tenants: (laboratory, { tenants }, { runs, progress }) => measureTenants(laboratory, tenants, runs, progress),
};
const CONTEXTS = 'contexts';

export async function measureEngine(run: BenchmarkRun): Promise<Report> {
  const { runs, progress } = run;
  const sizes = run.quick ? QUICK : FULL;
  const reports: SectionReport[] = [];
  if (run.sections.includes(CONTEXTS)) {
    reports.push(await measureContexts(runs, sizes.contexts, sizes.engineContexts, progress));
  }
  const sections = Object.entries(SECTIONS).filter(([name]) => run.sections.includes(name));
  if (sections.length > 0) {
    progress('starting PostgreSQL, the query API and the bare handler');
    const { flights, streamed } = sizes;
    const laboratory = await openEngineLaboratory({
      rows: [flights, streamed],
      env: { MOORING_EMBEDDED_MAX_DATABASES: String(sizes.tenants.maxDatabases) },
    });
    try {
      for (const [, measure] of sections) reports.push(await measure(laboratory, sizes, run));
    } finally {
      await laboratory.close();
    }
  }
  return {
    benchmark: 'engine',
    runs,
    rows: reports.flatMap(({ rows }) => rows),
    checks: reports.flatMap(({ checks }) => checks),
  };
}

export const engine: Benchmark = {
  name: 'engine',
  summary: "a request's context, statements over HTTP next to DuckDB, memory, a thousand tenants, streamed results",
  conditions: [
    'The query API (records and catalog in PostgreSQL, one embedded database file a tenant) is a process of its own, and so',
    'is the bare handler: Fastify, connections to DuckDB that are kept, a statement that is prepared and read by chunks.',
    'They, PostgreSQL and the callers share this machine and its cores. DuckDB has one thread a statement, on both sides.',
    'Memory is what the process holds (resident), seen five times a second. The heap is measured after collections.',
  ],
  sections: [CONTEXTS, ...Object.keys(SECTIONS)],
  run: measureEngine,
};
