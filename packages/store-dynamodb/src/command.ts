import { parseArgs } from 'node:util';
import { StoreError } from '@mooring/session-store';
import { createTable } from './table/create-table.ts';
import type { CreateTableOptions } from './table/create-table.ts';
import { TIME_TO_LIVE, tableDefinition } from './table/table-definition.ts';

const NAME = 'mooring-store-dynamodb';

const HELP = `Usage: ${NAME} create-table --table <name> [options]

Makes the table of a Mooring store and enables its time to live on the attribute ${TIME_TO_LIVE}.
A table that is there already is looked at, and left as it is.

Options:
  --table <name>       the table, 3 to 255 characters of a-z A-Z 0-9 _ . -
  --region <name>      of the table; default: what the AWS SDK finds
  --endpoint <url>     of an emulator, such as http://localhost:8000
  --billing <mode>     on-demand (default) or provisioned
  --read-units <n>     capacity of table and index with --billing provisioned
  --write-units <n>    capacity of table and index with --billing provisioned
  --wait-ms <ms>       the longest wait for the table, default 120000
  --dry-run            prints the definition as JSON and does nothing
  --help               prints this

Credentials come from the environment, as the AWS SDK finds them. It needs dynamodb:DescribeTable, CreateTable,
DescribeTimeToLive and UpdateTimeToLive on the table.

Exit code: 0 the table is there, 1 it could not be made or is none of this store, 2 the command is wrong.
`;

/** Where the command writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The command is wrong; the message says how. */
class UsageError extends Error {
  override readonly name = 'UsageError';
}

const OPTIONS = {
  table: { type: 'string' },
  region: { type: 'string' },
  endpoint: { type: 'string' },
  billing: { type: 'string' },
  'read-units': { type: 'string' },
  'write-units': { type: 'string' },
  'wait-ms': { type: 'string' },
  'dry-run': { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** Runs the command and answers its exit code. */
export async function runCommand(args: readonly string[], { out, err }: Output): Promise<number> {
  try {
    const { values, positionals } = parsed(args);
    if (values.help === true) {
      out(HELP);
      return 0;
    }
    if (positionals.length !== 1 || positionals[0] !== 'create-table') {
      throw new UsageError('give one command, create-table');
    }
    const options = optionsOf(values);
    if (values['dry-run'] === true) {
      out(`${JSON.stringify(tableDefinition(options), undefined, 2)}\n`);
      return 0;
    }
    const { table, created, timeToLive } = await createTable(options);
    out(`${created ? 'Created' : 'Found'} the table ${table}.\n${TIME_TO_LIVE_LINES[timeToLive]}\n`);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      err(`${NAME}: ${error.message}. See ${NAME} --help\n`);
      return 2;
    }
    if (!(error instanceof StoreError)) throw error;
    err(`${NAME}: ${error.message}\n`);
    return 1;
  }
}

const TIME_TO_LIVE_LINES = {
  enabled: `Enabled its time to live on ${TIME_TO_LIVE}.`,
  already: `Its time to live on ${TIME_TO_LIVE} was enabled already.`,
  unsupported: 'The endpoint has no time to live: what is dead stays, except sessions that are swept.',
} as const;

type Values = Readonly<Partial<Record<keyof typeof OPTIONS, string | boolean>>>;

function parsed(args: readonly string[]): { readonly values: Values; readonly positionals: readonly string[] } {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split('. ')[0] ?? 'it can not be read');
  }
}

function optionsOf(values: Values): CreateTableOptions {
  const table = textOf(values, 'table');
  if (table === undefined) throw new UsageError('give --table');
  const region = textOf(values, 'region');
  const endpoint = textOf(values, 'endpoint');
  const waitMs = wholeOf(values, 'wait-ms');
  return {
    table,
    billing: billingOf(values),
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(waitMs === undefined ? {} : { waitMs }),
  };
}

function billingOf(values: Values): NonNullable<CreateTableOptions['billing']> {
  const billing = textOf(values, 'billing') ?? 'on-demand';
  const readUnits = wholeOf(values, 'read-units');
  const writeUnits = wholeOf(values, 'write-units');
  if (billing === 'on-demand') {
    if (readUnits === undefined && writeUnits === undefined) return billing;
    throw new UsageError('--read-units and --write-units need --billing provisioned');
  }
  if (billing !== 'provisioned') throw new UsageError('--billing must be on-demand or provisioned');
  if (readUnits === undefined || writeUnits === undefined) {
    throw new UsageError('--billing provisioned needs --read-units and --write-units');
  }
  return { readUnits, writeUnits };
}

function textOf(values: Values, name: keyof Values): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

function wholeOf(values: Values, name: keyof Values): number | undefined {
  const text = textOf(values, name);
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} must be a whole number of at least 1`);
  return Number(text);
}
