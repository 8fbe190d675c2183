import { callOverHttp } from '../load/http-calls.ts';
import type { Block } from '../stores/turns.ts';
import { orderOf } from '../stores/turns.ts';
import { median } from '../statistics.ts';
import type { EngineLaboratory } from './engine-laboratory.ts';
import { checkAtLeast, figureRow, latencyRow } from './engine-report.ts';
import type { SectionReport } from './engine-report.ts';
import { NAMESPACE, STATEMENTS } from './statements.ts';
import type { StatementName } from './statements.ts';

const SERVICE = 'query API, a token of the configuration';
const BARE = 'bare Fastify handler';
const ONCE = 'bare Fastify handler, one call into DuckDB';

type Arm = (lab: EngineLaboratory, sql: string, callers: number, calls: number) => Promise<Block>;

const overApi =
  (whose: 'service' | 'user'): Arm =>
  ({ api, tokens }, sql, callers, calls) => {
    const call = { path: '/v1/sql', token: tokens[whose], body: { sql, namespace: NAMESPACE } };
    return callOverHttp(api.url, call, callers, calls);
  };

const overBare =
  (how: 'kept' | 'once' | 'new'): Arm =>
  ({ bare }, sql, callers, calls) =>
    callOverHttp(bare.url, { path: `/v1/sql/${how}`, body: { sql } }, callers, calls);

const ARMS: readonly (readonly [string, Arm])[] = [
  [BARE, overBare('kept')],
  [SERVICE, overApi('service')],
  ['query API, a token that a login gave', overApi('user')],
  [ONCE, overBare('once')],
  ['bare Fastify handler, a connection for each request', overBare('new')],
  ['DuckDB without HTTP', direct],
];

const LEAST_SHARE = 0.5;

export interface RequestSizes {
  readonly callers: readonly number[];
  /** Of each arm in a run. */
  readonly calls: Readonly<Record<StatementName, number>>;
}

/** Statements through the API, next to a handler that adds nothing to DuckDB, and to DuckDB alone. */
export async function measureRequests(
  laboratory: EngineLaboratory,
  sizes: RequestSizes,
  runs: number,
  progress: (what: string) => void,
): Promise<SectionReport> {
  const reports: SectionReport[] = [];
  for (const statement of Object.keys(STATEMENTS) as StatementName[]) {
    for (const callers of sizes.callers) {
      const title = `${statement}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`;
      const calls = sizes.calls[statement];
      const blocks: Block[][] = ARMS.map(() => []);
      for (const [, arm] of ARMS) await arm(laboratory, STATEMENTS[statement], callers, Math.ceil(calls / 4));
      for (let run = 0; run < runs; run += 1) {
        progress(`${title}: run ${run + 1} of ${runs}`);
        for (const index of orderOf(ARMS.length, run)) {
          const [, arm] = ARMS[index] as (typeof ARMS)[number];
          blocks[index]?.push(await arm(laboratory, STATEMENTS[statement], callers, calls));
        }
      }
      reports.push(reportOf(title, statement, blocks));
    }
  }
  return { rows: reports.flatMap(({ rows }) => rows), checks: reports.flatMap(({ checks }) => checks) };
}

function reportOf(title: string, statement: StatementName, blocks: readonly (readonly Block[])[]): SectionReport {
  const perSecond = blocks.map((ofArm) => ofArm.map((block) => (block.latenciesMs.length / block.elapsedMs) * 1000));
  const latencies = blocks.map((ofArm) => ofArm.map(({ latenciesMs }) => latenciesMs));
  const runsOf = (called: string): readonly number[] => perSecond[ARMS.findIndex(([name]) => name === called)] ?? [];
  const shareOf = (bare: string): number =>
    median(runsOf(SERVICE).map((value, run) => value / (runsOf(bare)[run] ?? Number.NaN)));
  return {
    rows: [
      ...ARMS.map(([name], arm) =>
        figureRow(`${title}: requests / ${BARE}`, name, '1/s', perSecond[arm] ?? [], perSecond[0]),
      ),
      ...ARMS.map(([name], arm) => latencyRow(`${title}: time / ${BARE}`, name, latencies[arm] ?? [], latencies[0])),
    ],
    checks:
      statement === 'SELECT 1'
        ? [
            checkAtLeast(`${title}: share of the ${BARE}'s requests`, LEAST_SHARE, shareOf(BARE)),
            checkAtLeast(`${title}: share of its requests with one call into DuckDB`, LEAST_SHARE, shareOf(ONCE)),
          ]
        : [],
  };
}

/** By the process of the bare handler, which is asked once to make the calls. */
async function direct({ bare }: EngineLaboratory, sql: string, callers: number, calls: number): Promise<Block> {
  const answer = await fetch(`${bare.url}/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql, callers, calls }),
  });
  return (await answer.json()) as Block;
}
