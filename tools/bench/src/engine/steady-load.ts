import { Pool } from 'undici';
import { repeated } from '../load/http-calls.ts';
import { median, quantile } from '../statistics.ts';
import type { EngineLaboratory } from './engine-laboratory.ts';
import { checkAtMost, figureRow, latencyRow } from './engine-report.ts';
import type { SectionReport } from './engine-report.ts';
import { residentDuring, residentMib } from './resident-memory.ts';
import { NAMESPACE, STATEMENTS } from './statements.ts';

export interface LoadSizes {
  readonly perSecond: number;
  readonly seconds: number;
}

const CONNECTIONS = 64;
/** How much memory may grow under the load, in MiB. */
const MOST_GROWTH_MIB = 128;

interface Loaded {
  /** From when a request was due, whether or not it could be sent then. */
  readonly latenciesMs: readonly number[];
  readonly elapsedMs: number;
}

/** The memory of the API while requests come at a steady rate. */
export async function measureSteadyLoad(
  { api, tokens }: EngineLaboratory,
  { perSecond, seconds }: LoadSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const body = { sql: STATEMENTS['SELECT 1'], namespace: NAMESPACE };
  const pool = new Pool(api.url, { connections: CONNECTIONS, pipelining: 1 });
  const send = repeated(pool, { path: '/v1/sql', token: tokens.service, body });
  const idle: number[] = [];
  const most: number[] = [];
  const loads: Loaded[] = [];
  try {
    await atRate(send, perSecond, Math.min(seconds, 5));
    for (let run = 0; run < runs; run += 1) {
      progress(`memory at ${perSecond} requests a second: run ${run + 1} of ${runs}`);
      idle.push(await residentMib(api));
      const { result, mostMib } = await residentDuring(api, () => atRate(send, perSecond, seconds));
      loads.push(result);
      most.push(mostMib);
    }
  } finally {
    await pool.close();
  }
  const title = `${perSecond} requests a second for ${seconds} s`;
  const rates = loads.map(({ latenciesMs, elapsedMs }) => (latenciesMs.length / elapsedMs) * 1000);
  const growth = quantile(
    most.map((mib, run) => mib - (idle[run] ?? 0)),
    1,
  );
  return {
    rows: [
      figureRow(`${title}: memory / before`, 'before', 'MiB', idle),
      figureRow(`${title}: memory / before`, 'the most meanwhile', 'MiB', most, idle),
      figureRow(
        `${title}: answered / due`,
        'query API',
        '1/s',
        rates,
        rates.map(() => perSecond),
      ),
      latencyRow(
        `${title}: time since a request was due`,
        'query API',
        loads.map(({ latenciesMs }) => latenciesMs),
      ),
    ],
    checks: [
      checkAtMost(`${title}: growth in MiB, the most of all runs`, MOST_GROWTH_MIB, growth),
      {
        name: `${title}: answered a second`,
        target: `>= ${perSecond * 0.99}`,
        value: median(rates),
        ok: median(rates) >= perSecond * 0.99,
      },
    ],
  };
}

/** An open loop: who is due is sent, however many are under way. */
async function atRate(send: () => Promise<void>, perSecond: number, seconds: number): Promise<Loaded> {
  const latenciesMs: number[] = [];
  const under: Promise<void>[] = [];
  const startedAt = performance.now();
  const total = perSecond * seconds;
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, ((performance.now() - startedAt) / 1000) * perSecond);
    for (; sent < due; sent += 1) {
      const dueAt = startedAt + (sent / perSecond) * 1000;
      under.push(send().then(() => void latenciesMs.push(performance.now() - dueAt)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(under);
  return { latenciesMs, elapsedMs: performance.now() - startedAt };
}
