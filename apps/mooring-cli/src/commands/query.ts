import { Option } from 'commander';
import type { Command } from 'commander';
import { action, repeated, wholeNumber } from '../command.ts';
import type { CommandContext, ProgramContext } from '../command.ts';
import { wrongUsage } from '../errors.ts';
import { queryEngine } from '../query/engine-query.ts';
import { countOf, csvOf, shownResult } from '../query/query-result.ts';
import type { QueryResult } from '../query/query-result.ts';
import { queryWarehouse } from '../query/warehouse-query.ts';
import type { QueryRun } from '../query/warehouse-query.ts';
import { AUTH_URL, QUERY_URL, withToken } from '../services/login.ts';
import { ServiceClient } from '../services/service-client.ts';
import { readAll } from '../terminal/prompt.ts';
import { SteadyProgress } from '../terminal/steady-progress.ts';

interface QueryOptions {
  readonly url: string;
  readonly authUrl: string;
  readonly engine?: boolean;
  readonly namespace?: string;
  readonly param?: readonly string[];
  readonly maxRows: number;
  readonly timeout?: number;
  readonly csv?: boolean;
}

const MOST_ROWS = 1_000_000;
const SECONDS_IN_A_DAY = 86_400;

export function queryCommand(command: Command, context: ProgramContext): void {
  command
    .argument('[sql]', 'the statement; without it, or for -, it is read from the input')
    .option('--url <url>', 'the query API', QUERY_URL)
    .option('--auth-url <url>', 'the auth API, to log in at without MOORING_TOKEN', AUTH_URL)
    .option('--namespace <name>', 'run it on the engine, in this namespace')
    .option('--engine', 'run it on the engine and not on the warehouse')
    .option('--param <name=value>', 'a value of :name, or on the engine of the next $1, $2, …', repeated)
    .option('--max-rows <count>', 'the most rows to show', wholeNumber(1, MOST_ROWS), 1000)
    .option('--timeout <seconds>', 'cancel it after so long', wholeNumber(1, SECONDS_IN_A_DAY))
    .addOption(new Option('--csv', 'print CSV').conflicts('json'));
  action<QueryOptions>(command, context, query);
}

async function query(context: CommandContext, options: QueryOptions, [given]: string[]): Promise<void> {
  const { env, streams, signal, output } = context;
  const sql = given === undefined || given === '-' ? await readAll(streams.input) : given;
  if (sql.trim() === '') throw wrongUsage('There is no statement: give one, or send it to the input.');
  const { url, authUrl, csv = false } = options;
  const auth = { url: authUrl, service: 'auth API', option: '--auth-url' } as const;
  const queries = { url, service: 'query API', option: '--url' } as const;
  const progress = new SteadyProgress((text) => output.progress(text));
  const startedAt = performance.now();
  let results: readonly QueryResult[];
  try {
    results = await withToken({ env, streams, auth }, (token) =>
      resultsOf(new ServiceClient(queries, token), sql, options, {
        signal,
        progress: (status) => progress.show(status),
      }),
    );
  } finally {
    progress.end();
  }
  const tookMs = Math.round(performance.now() - startedAt);
  output.result({ results, tookMs }, () => results.map(csv ? csvOf : shownResult).join(csv ? '' : '\n'));
  for (const { truncated, rows } of results) {
    if (truncated) output.note(`There are more than these ${countOf(rows.length)}: --max-rows shows more of them.`);
  }
}

async function resultsOf(
  service: ServiceClient,
  sql: string,
  { engine, namespace, param, maxRows, timeout: timeoutSeconds }: QueryOptions,
  run: QueryRun,
): Promise<readonly QueryResult[]> {
  if (engine === true || namespace !== undefined) {
    return queryEngine(service, { sql, namespace, values: param, maxRows, timeoutSeconds }, run);
  }
  return [await queryWarehouse(service, { sql, parameters: named(param), maxRows, timeoutSeconds }, run)];
}

function named(given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined;
  return Object.fromEntries(
    given.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined) throw wrongUsage(`--param takes name=value.`);
      return [name, value ?? ''];
    }),
  );
}
