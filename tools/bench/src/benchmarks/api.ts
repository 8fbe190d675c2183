import { openApiLaboratory } from '../api/api-laboratory.ts';
import { HttpCallers } from '../load/http-calls.ts';
import { ON_ENGINE, routesOf, type Route, type RouteArm, type RouteCalls } from '../api/routes.ts';
import type { Benchmark, BenchmarkRun, Check, Report, Row } from '../benchmark.ts';
import { checkAtLeast, figureRow, latencyRow } from '../engine/engine-report.ts';
import { orderOf, type Block } from '../stores/turns.ts';

interface Sizes {
  readonly users: number;
  readonly callers: readonly number[];
  readonly calls: RouteCalls;
}

const FULL: Sizes = {
  users: 100,
  callers: [1, 16, 64],
  calls: { login: 128, verify: 1000, select: 1000, warehouse: 256 },
};
const QUICK: Sizes = { users: 2, callers: [1, 4], calls: { login: 4, verify: 4, select: 4, warehouse: 4 } };

export async function measureApi(run: BenchmarkRun): Promise<Report> {
  const sizes = run.quick ? QUICK : FULL;
  run.progress('starting PostgreSQL, a warehouse, both APIs and the bare handlers');
  const laboratory = await openApiLaboratory(sizes.users, Math.max(...sizes.callers));
  try {
    const rows: Row[] = [];
    for (const route of await routesOf(laboratory, sizes.calls)) {
      for (const callers of sizes.callers)
        rows.push(...rowsOf(route, callers, await measureRoute(route, callers, run)));
    }
    return { benchmark: 'api', runs: run.runs, rows, checks: rows.filter(isPromised).map(shareCheck) };
  } finally {
    await laboratory.close();
  }
}

/** What the engine's benchmark promises, too. */
const LEAST_SHARE = 0.5;

function isPromised({ name, arm }: Row): boolean {
  return name.startsWith(`${ON_ENGINE}: requests`) && arm === 'query API';
}

function shareCheck({ name, ratio }: Row): Check {
  return checkAtLeast(name, LEAST_SHARE, ratio.median);
}

/** @returns the blocks of each arm, run by run */
async function measureRoute({ title, calls, arms }: Route, callers: number, run: BenchmarkRun): Promise<Block[][]> {
  const blocks: Block[][] = arms.map(() => []);
  const open = arms.map(({ url }) => new HttpCallers([url], callers));
  const once = (arm: number, count: number): Promise<Block> =>
    (open[arm] as HttpCallers).run(count, (arms[arm] as RouteArm).callAt);
  try {
    for (const arm of arms.keys()) await once(arm, Math.max(callers * 2, Math.ceil(calls / 4)));
    for (let index = 0; index < run.runs; index += 1) {
      run.progress(`${title}, ${callers} callers: run ${index + 1} of ${run.runs}`);
      for (const arm of orderOf(arms.length, index)) blocks[arm]?.push(await once(arm, calls));
    }
    return blocks;
  } finally {
    await Promise.all(open.map((callersOf) => callersOf.close()));
  }
}

function rowsOf({ title, arms }: Route, callers: number, blocks: readonly (readonly Block[])[]): Row[] {
  const who = `${callers} ${callers === 1 ? 'caller' : 'callers'}`;
  const reference = arms[0].name;
  const perSecond = blocks.map((own) => own.map((block) => (block.latenciesMs.length / block.elapsedMs) * 1000));
  const latencies = blocks.map((own) => own.map(({ latenciesMs }) => latenciesMs));
  return [
    ...arms.map(({ name }, arm) =>
      figureRow(`${title}: requests, ${who} / ${reference}`, name, '1/s', perSecond[arm] ?? [], perSecond[0]),
    ),
    ...arms.map(({ name }, arm) =>
      latencyRow(`${title}: time, ${who} / ${reference}`, name, latencies[arm] ?? [], latencies[0]),
    ),
  ];
}

export const api: Benchmark = {
  name: 'api',
  summary: 'logins, verifications, SELECT 1 and warehouse statements over HTTP, next to bare Fastify handlers',
  conditions: [
    'Both APIs, PostgreSQL below them, the warehouse (redshift-data-local) and the bare handlers are processes of their own;',
    'they and the callers share this machine and its cores. A caller has a connection, and calls again once it was answered.',
    'The bare handlers: argon2id at the same cost and one INSERT; one SELECT by primary key; DuckDB on a kept connection; two',
    'calls of the SDK on one of 64 open sessions. The APIs do that, know users, rights and limits, and keep a record of a query.',
  ],
  run: measureApi,
};
