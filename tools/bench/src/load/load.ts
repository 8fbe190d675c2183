import type { BenchBackend, Rivals } from '../backends/backend.ts';
import type { BenchmarkRun, Check, Row } from '../benchmark.ts';
import { StoreContender } from '../stores/store-contender.ts';
import { orderOf } from '../stores/turns.ts';
import { Workload } from '../stores/workload.ts';
import { Crowd } from './crowd.ts';
import { closedLoopRows, openLoopChecks, openLoopRows, type LoadFigures } from './load-figures.ts';
import { closedLoop, openLoop, type LoopFigures } from './loops.ts';
import { scheduleOf } from './schedule.ts';

export interface LoadSizes {
  readonly sessions: number;
  /** Of each contender in a run, after the warm-up. */
  readonly durationMs: number;
  readonly warmUpMs: number;
  /** In the closed loop. */
  readonly callsEach: number;
}

type Loop = (crowd: Crowd, run: number) => Promise<LoopFigures>;

/** So many sessions at once: as they come (open loop), then all of them without a pause (closed loop). */
export async function measureLoad(
  backend: BenchBackend,
  sizes: LoadSizes,
  run: BenchmarkRun,
): Promise<{ readonly rows: readonly Row[]; readonly checks: readonly Check[] }> {
  const server = await backend.start({ durable: true });
  try {
    const rivals = await server.open({ delayMs: 0 });
    try {
      return await loops(backend, rivals, sizes, run);
    } finally {
      await rivals.close();
    }
  } finally {
    await server.stop();
  }
}

async function loops(
  { name, promised }: BenchBackend,
  rivals: Rivals,
  { sessions, durationMs, warmUpMs, callsEach }: LoadSizes,
  { runs, progress }: BenchmarkRun,
): Promise<{ readonly rows: readonly Row[]; readonly checks: readonly Check[] }> {
  const crowds: Crowd[] = [];
  for (const contender of [...rivals.raw.slice(0, 1), new StoreContender(rivals.store)]) {
    crowds.push(new Crowd(await Workload.fillFor(contender, sessions)));
  }
  await rivals.tidy();
  const repeat = async (title: string, loop: Loop): Promise<LoadFigures> => {
    const measured: LoopFigures[][] = [];
    for (let index = 0; index < runs; index += 1) {
      progress(`${title}: run ${index + 1} of ${runs}`);
      const arms: LoopFigures[] = [];
      for (const arm of orderOf(crowds.length, index)) arms[arm] = await loop(crowds[arm] as Crowd, index);
      measured.push(arms);
    }
    return { title, arms: crowds.map((crowd) => crowd.name), runs: measured };
  };
  const open = await repeat(`${name}, ${sessions} sessions`, (crowd, index) =>
    openLoop(crowd, scheduleOf(sessions, warmUpMs + durationMs, index + 1), warmUpMs),
  );
  const closed = await repeat(`${name}, ${sessions} callers at once`, (crowd, index) =>
    closedLoop(crowd, sessions, callsEach, index + 1),
  );
  return { rows: [...openLoopRows(open), ...closedLoopRows(closed)], checks: openLoopChecks(open, promised) };
}
