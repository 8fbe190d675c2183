import { randomFrom } from '../load/schedule.ts';
import { median, quantile } from '../statistics.ts';
import { inParallel } from '../stores/parallel.ts';
import type { EngineLaboratory } from './engine-laboratory.ts';
import { checkAtMost, figureRow, latencyRow } from './engine-report.ts';
import type { SectionReport } from './engine-report.ts';
import { metric, residentMib } from './resident-memory.ts';
import { NAMESPACE } from './statements.ts';

export interface TenantSizes {
  readonly tenants: number;
  /** As the query API is configured. */
  readonly maxDatabases: number;
  /** In each run. */
  readonly visits: number;
}

const STATEMENT = 'select sum(amount) from orders';
const MOST_COLD_MS = 50;
/** To memory with as many databases open as may be, when only so many tenants had been there. */
const MOST_GROWTH = 1.25;

interface Visits {
  readonly cold: readonly number[];
  readonly warm: readonly number[];
  readonly mostOpen: number;
  readonly mib: number;
}

/** Many tenants, each used now and then, in a process that keeps a few of their databases open. */
export async function measureTenants(
  laboratory: EngineLaboratory,
  sizes: TenantSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const { api, run } = laboratory;
  const { maxDatabases } = sizes;
  const tokens: string[] = [];
  const add = async (count: number): Promise<void> => {
    const from = tokens.length;
    await inParallel(
      count,
      async (index) => void (tokens[from + index] = await newTenant(laboratory, from + index)),
      4,
    );
  };
  progress(`tenants: making the first ${maxDatabases} of ${sizes.tenants}`);
  await add(Math.min(maxDatabases, sizes.tenants));
  for (let round = 0; round < 3; round += 1) for (const token of tokens) await run(token, visit);
  const few = await residentMib(api);
  progress('tenants: making the others');
  await add(sizes.tenants - tokens.length);
  const visits: Visits[] = [];
  for (let index = 0; index < runs; index += 1) {
    progress(`tenants: run ${index + 1} of ${runs}`);
    visits.push(await visitAll(laboratory, tokens, sizes, index + 1));
  }
  const [cold, warm] = [visits.map((one) => one.cold), visits.map((one) => one.warm)];
  const [all, first] = [visits.map(({ mib }) => mib), visits.map(() => few)];
  const [title, memory] = [`${sizes.tenants} tenants, ${maxDatabases} databases open`, 'memory'];
  return {
    rows: [
      latencyRow(`${title}: a statement / its database was open`, 'its database was open', warm),
      latencyRow(`${title}: a statement / its database was open`, 'it had to be opened', cold, warm),
      figureRow(`${title}: ${memory} / ${maxDatabases} tenants`, `${maxDatabases} tenants`, 'MiB', first),
      figureRow(`${title}: ${memory} / ${maxDatabases} tenants`, `${sizes.tenants} tenants`, 'MiB', all, first),
    ],
    checks: [
      checkAtMost(
        `${title}: the most that were open`,
        maxDatabases,
        Math.max(...visits.map(({ mostOpen }) => mostOpen)),
      ),
      checkAtMost(`${title}: memory / that of ${maxDatabases} tenants`, MOST_GROWTH, median(all) / few),
      checkAtMost(`${title}: p50 of a cold statement in ms`, MOST_COLD_MS, quantile(cold.flat(), 0.5)),
      checkAtMost(`${title}: p99 of a cold statement in ms`, MOST_COLD_MS, quantile(cold.flat(), 0.99)),
    ],
  };
}

const visit = { sql: STATEMENT, namespace: NAMESPACE };

async function newTenant({ login, run }: EngineLaboratory, number: number): Promise<string> {
  const token = await login(`tenant-${number}`);
  await run(token, { sql: `create namespace ${NAMESPACE}` });
  const sql = 'create table orders as select id, id % 100 as amount from range(1000) as numbers(id)';
  await run(token, { sql, namespace: NAMESPACE });
  return token;
}

/** One tenant after the other, at random but for a few that come again and again. */
async function visitAll(
  { api, run }: EngineLaboratory,
  tokens: readonly string[],
  { maxDatabases, visits }: TenantSizes,
  seed: number,
): Promise<Visits> {
  const random = randomFrom(seed);
  const open = new Set<string>();
  const times = { cold: [] as number[], warm: [] as number[] };
  let mostOpen = 0;
  const regulars = Math.max(1, Math.floor(maxDatabases / 4));
  for (let index = 0; index < visits + maxDatabases; index += 1) {
    const among = index % 2 === 0 ? tokens.length : regulars;
    const token = tokens[Math.floor(random() * among)] as string;
    const startedAt = performance.now();
    await run(token, visit);
    const tookMs = performance.now() - startedAt;
    // What was open before the first visits is not known.
    if (index >= maxDatabases) times[open.has(token) ? 'warm' : 'cold'].push(tookMs);
    open.delete(token);
    open.add(token);
    const [oldest] = open;
    if (open.size > maxDatabases && oldest !== undefined) open.delete(oldest);
    if (index % 50 === 0) mostOpen = Math.max(mostOpen, await metric(api, 'mooring_engine_embedded_databases'));
  }
  return { ...times, mostOpen, mib: await residentMib(api) };
}
