import type { BenchBackend, Rivals } from '../backends/backend.ts';
import type { Check, Growth, Row } from '../benchmark.ts';
import { figureRow, latencyRow, type SectionReport } from '../engine/engine-report.ts';
import { Crowd } from '../load/crowd.ts';
import { openLoop, type LoopFigures } from '../load/loops.ts';
import { scheduleOf } from '../load/schedule.ts';
import { StoreContender } from '../stores/store-contender.ts';
import { orderOf } from '../stores/turns.ts';
import { Workload } from '../stores/workload.ts';

export interface SessionSizes {
  /** In use at once, each calling every 500 to 1000 ms. */
  readonly sessions: readonly number[];
  readonly durationMs: number;
  readonly warmUpMs: number;
}

/** A store under the load of more and more sessions that are in use at once. */
export async function measureSessions(
  backend: BenchBackend,
  sizes: SessionSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const server = await backend.start({ durable: true });
  try {
    const rivals = await server.open({ delayMs: 0 });
    try {
      return await loads(backend.name, rivals, sizes, runs, progress);
    } finally {
      await rivals.close();
    }
  } finally {
    await server.stop();
  }
}

async function loads(
  name: string,
  rivals: Rivals,
  { sessions, durationMs, warmUpMs }: SessionSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  progress(`${name}: filling in ${Math.max(...sessions)} sessions`);
  const crowd = new Crowd(await Workload.fillFor(new StoreContender(rivals.store), Math.max(...sessions)));
  await rivals.tidy();
  const figures: LoopFigures[][] = sessions.map(() => []);
  for (let run = 0; run < runs; run += 1) {
    progress(`${name}, concurrent sessions: run ${run + 1} of ${runs}`);
    for (const index of orderOf(sessions.length, run)) {
      const schedule = scheduleOf(sessions[index] as number, warmUpMs + durationMs, run + 1);
      figures[index]?.push(await openLoop(crowd, schedule, warmUpMs));
    }
  }
  const rows = sessions.flatMap((count, index) => rowsOf(name, count, figures[index] ?? [], figures[0] ?? []));
  return { rows, checks: [failed(name, figures.flat())] };
}

const FEW = 'the fewest';
const AXIS = 'concurrent sessions, each calling every 500 to 1000 ms';

function rowsOf(name: string, count: number, figures: readonly LoopFigures[], few: readonly LoopFigures[]): Row[] {
  const all = (runs: readonly LoopFigures[]): number[][] => runs.map((run) => Object.values(run.latenciesMs).flat());
  const perSecond = (runs: readonly LoopFigures[]): number[] =>
    runs.map((run) => (run.latenessMs.length / run.elapsedMs) * 1000);
  const growth = (what: string): Growth => ({
    plot: `all calls by concurrent sessions: ${what}`,
    axis: AXIS,
    at: count,
  });
  const where = `${count.toLocaleString('en-GB')} concurrent sessions`;
  return [
    {
      ...latencyRow(`${where}: time / ${FEW}`, name, all(figures), all(few)),
      growth: growth('time since a call was due'),
    },
    {
      ...figureRow(`${where}: answered / ${FEW}`, name, '1/s', perSecond(figures), perSecond(few)),
      growth: growth('answered a second'),
    },
  ];
}

function failed(name: string, figures: readonly LoopFigures[]): Check {
  const value = figures.reduce((sum, { failures }) => sum + failures.length, 0);
  return { name: `${name}, concurrent sessions: calls that failed`, target: '0', value, ok: value === 0 };
}
