import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClientProcess } from '@mooring/services';
import type { ClientProcess } from '@mooring/services';
import type { BatchReport, Feeder, Finding } from './batch.ts';
import { readJournal } from './journal.ts';
import type { Target } from './target.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** Ends after so many inputs … */
  readonly runs: number;
  /** … or after so long. */
  readonly untilMs?: number;
  /** How long a batch may take before what it reads counts as hanging. Default ten minutes. */
  readonly hangMs?: number;
  readonly progress?: (line: string) => void;
}

/** Starts a process that reads what it is fed, and writes each input into the journal first. */
export type StartFeeder = (target: string, journal: string) => Promise<ClientProcess<Feeder>>;

export interface FuzzReport {
  readonly runs: number;
  readonly seconds: number;
  readonly finding?: Finding & { readonly seed: number };
  /** The process that reads hangs, or has ended. */
  readonly isLost?: boolean;
}

const BATCH = 250;
const GROWTH_EVERY = 20;
const HANG_MS = 600_000;
/** The heap may be so much more than after the first batches. */
const HEAP_ROOM_BYTES = 64 * 1024 * 1024;
const WARM_BATCHES = 8;
// From `dist` as well: the process reads sources.
const MODULE = new URL('../src/feeding-process.ts', import.meta.url);

const startFeeder: StartFeeder = (target, journal) =>
  startClientProcess({ module: MODULE, open: 'openFeeder', options: { target, journal } });

/** Feeds a target in a process of its own until something is found, or the end. */
export async function fuzz(target: Target, options: FuzzOptions, start = startFeeder): Promise<FuzzReport> {
  const folder = await mkdtemp(join(tmpdir(), 'mooring-fuzz-'));
  const journal = join(folder, 'input');
  const feeder = await start(target.name, journal);
  try {
    const report = await feed(target, feeder, journal, options);
    // Not when it hangs or has ended: then there is nobody to close what it opened.
    if (report.isLost !== true) await feeder.end();
    return report;
  } finally {
    await feeder.kill();
    await rm(folder, { recursive: true });
  }
}

async function feed(
  { corpus }: Target,
  feeder: ClientProcess<Feeder>,
  journal: string,
  { seed, runs, untilMs = Infinity, hangMs = HANG_MS, progress = () => {} }: FuzzOptions,
): Promise<FuzzReport> {
  const started = performance.now();
  const inputs = Object.values(corpus);
  let done = 0;
  let warmHeapBytes = Infinity;
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  let isLost = false;
  const found = (finding: Finding, findingSeed: number): FuzzReport => ({
    runs: done,
    seconds: seconds(),
    finding: { ...finding, seed: findingSeed },
    isLost,
  });
  const ask = async (call: Promise<BatchReport>): Promise<BatchReport> => {
    try {
      return await within(call, hangMs);
    } catch (error) {
      isLost = true;
      return { runs: 0, heapBytes: 0, finding: { input: readJournal(journal), reason: (error as Error).message } };
    }
  };
  const first = await ask(feeder.store.corpus());
  if (first.finding !== undefined) return found(first.finding, seed);
  for (let batch = 0; done < runs && performance.now() - started < untilMs; batch += 1) {
    const batchSeed = seed + batch;
    const report = await ask(feeder.store.batch(batchSeed, Math.min(BATCH, runs - done)));
    done += report.runs;
    if (report.finding !== undefined) return found(report.finding, batchSeed);
    if (batch === WARM_BATCHES) warmHeapBytes = report.heapBytes;
    if (report.heapBytes > warmHeapBytes + HEAP_ROOM_BYTES) {
      const reason = `the heap grew from ${warmHeapBytes} to ${report.heapBytes} bytes`;
      return found({ input: '', reason }, batchSeed);
    }
    if (batch % GROWTH_EVERY === GROWTH_EVERY - 1) {
      const grown = await ask(feeder.store.growth(inputs[((batch + 1) / GROWTH_EVERY - 1) % inputs.length] ?? ''));
      if (grown.finding !== undefined) return found(grown.finding, batchSeed);
      progress(`${done} inputs, seed ${batchSeed}, heap ${Math.round(report.heapBytes / 1024 / 1024)} MB`);
    }
  }
  return { runs: done, seconds: seconds() };
}

async function within<T>(call: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms: it hangs`)), ms);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
