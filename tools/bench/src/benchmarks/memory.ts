import type { BenchBackend } from '../backends/backend.ts';
import { backendsWith } from '../backends.ts';
import type { Benchmark, BenchmarkRun, Check, Report, Row } from '../benchmark.ts';
import { footprintChecks, footprintRows } from '../footprint/footprint-figures.ts';
import { measureFootprint, type Footprint } from '../footprint/footprint.ts';

interface Sizes {
  readonly few: number;
  readonly many: number;
}

const FULL: Sizes = { few: 100_000, many: 200_000 };
const QUICK: Sizes = { few: 100, many: 300 };

export async function measureMemory(backends: readonly BenchBackend[], run: BenchmarkRun): Promise<Report> {
  const { few, many } = run.quick ? QUICK : FULL;
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const backend of backends) {
    const footprints: Footprint[] = [];
    for (let index = 0; index < run.runs; index += 1) {
      const title = `${backend.name}, run ${index + 1} of ${run.runs}`;
      run.progress(`${title}: starting`);
      const server = await backend.start({ durable: false });
      try {
        footprints.push(await measureFootprint(server, few, many, (what) => run.progress(`${title}: ${what}`)));
      } finally {
        await server.stop();
      }
    }
    rows.push(...footprintRows(backend.name, footprints));
    checks.push(...footprintChecks(backend.name, footprints));
  }
  return { benchmark: 'memory', runs: run.runs, rows, checks };
}

const BACKENDS = backendsWith('memory');

export const memory: Benchmark = {
  name: 'memory',
  summary: 'bytes of a session at 100,000 and 200,000 sessions, and what is left of them',
  conditions: [
    'PostgreSQL: tables, indexes and TOAST of sessions and subjects, after VACUUM. Redis: used_memory. SQLite: the file and its log.',
    "DynamoDB: items and their entries in the indexes, by the service's rules; 1000 sessions of a local emulator.",
    'Memory: the heap in use after a collection. Each session is of a subject of its own, with a verifier.',
    'PostgreSQL keeps the room of what was deleted for what comes next; the others give it back.',
  ],
  backends: BACKENDS.map(({ name }) => name),
  run: (run) =>
    measureMemory(
      BACKENDS.filter(({ name }) => run.backends.includes(name)),
      run,
    ),
};
