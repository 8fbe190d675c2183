import { Command, InvalidArgumentError, Option } from 'commander';
import { LocalError } from './errors.ts';
import { DEFAULT_LIMITS } from './options.ts';
import type { Limits, RedshiftDataLocalOptions } from './options.ts';
import { isOperationName } from './operation-names.ts';
import type { PerOperation } from './faults.ts';
import type { PrincipalSettings } from './principal.ts';
import { startRedshiftDataLocal } from './redshift-data-local.ts';

interface Flags {
  readonly port: number;
  readonly host: string;
  readonly postgresUrl?: string;
  readonly connectDelayMs: number;
  readonly pickDelayMs: number;
  readonly throttle: 'off' | 'published' | PerOperation;
  readonly disguiseThrottles?: boolean;
  readonly dropResponse?: PerOperation;
  readonly loseSessionAfterMs: number;
  readonly limit?: Partial<Limits>;
  readonly target?: readonly string[];
  readonly secret?: Readonly<Record<string, string>>;
  readonly principal?: Readonly<Record<string, PrincipalSettings>>;
  readonly databaseUser?: Readonly<Record<string, string>>;
  readonly createUsers: boolean;
  readonly readAllData: boolean;
  readonly requireSignature?: boolean;
  readonly allowMultipleStatements?: boolean;
  readonly notFoundStatus: 400 | 404;
  readonly control?: boolean;
  readonly journal?: string;
}

const program = new Command('redshift-data-local')
  .description('The Amazon Redshift Data API on a real PostgreSQL, for laptops and for CI.')
  .option('--port <port>', 'port to listen on; 0 takes a free one', wholeNumber, 8003)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .addOption(
    new Option(
      '--postgres-url <url>',
      'URL of a superuser of a PostgreSQL, postgres://user:password@host:5432/database',
    ).env('REDSHIFT_DATA_LOCAL_POSTGRES_URL'),
  )
  .option('--connect-delay-ms <ms>', 'what opening a connection takes longer', wholeNumber, 0)
  .option('--pick-delay-ms <ms>', 'how long a statement stays SUBMITTED', wholeNumber, 0)
  .option('--throttle <rates>', 'off, published, or Operation=callsPerSecond,…', throttle, 'off')
  .option('--disguise-throttles', 'throttles as the ValidationException of a throttled dependency')
  .option('--drop-response <counts>', 'lose the next answers after acceptance: Operation=count,…', perOperation)
  .option('--lose-session-after-ms <ms>', 'close each session this long after it opened; 0: never', wholeNumber, 0)
  .option('--limit <name=value>', `a limit, repeatable: ${Object.keys(DEFAULT_LIMITS).join(', ')}`, limit)
  .option('--target <name>', 'a cluster or workgroup that exists, repeatable; without it all do', collect)
  .option('--principal <key=account/role/user>', 'who an access key is, the user optional; repeatable', principal)
  .option('--secret <arn=user>', 'the database user of a secret, repeatable', pair)
  .option('--database-user <name=password>', 'a database user that exists already, repeatable', pair)
  .option('--no-create-users', 'refuse database users that do not exist instead of creating them')
  .option('--no-read-all-data', 'let database users that are created read only what they are granted')
  .option('--require-signature', 'refuse calls without a signature; it is not verified')
  .option('--allow-multiple-statements', 'take several statements in one Sql')
  .addOption(
    new Option('--not-found-status <status>', 'HTTP status of ResourceNotFoundException')
      .choices(['400', '404'])
      .default(400)
      .argParser((value) => (value === '404' ? 404 : 400)),
  )
  .option('--journal <file>', 'keep what is accepted in a file, for when the server is killed and started again')
  .option('--control', 'serve POST /_local/faults, GET /_local/stats and DELETE /_local/sessions/{id}')
  .addHelpText('after', () => `\n${pointing('http://127.0.0.1:8003')}`)
  .exitOverride();

try {
  program.parse();
  await main(program.opts<Flags>());
} catch (error) {
  const { code, exitCode } = error as { readonly code?: string; readonly exitCode?: number };
  const isUsage = code?.startsWith('commander.') === true;
  if (!isUsage && !(error instanceof LocalError)) throw error;
  if (error instanceof LocalError) process.stderr.write(`redshift-data-local: ${error.message}\n`);
  process.exitCode = isUsage && exitCode === 0 ? 0 : 2;
}

async function main(flags: Flags): Promise<void> {
  const local = await startRedshiftDataLocal(optionsOf(flags));
  process.stdout.write(`The Redshift Data API is at ${local.url}\n${pointing(local.url)}\nStop it with Ctrl-C.\n`);
  const stop = (): void => {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    void local.close();
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

function optionsOf(flags: Flags): RedshiftDataLocalOptions {
  if (flags.postgresUrl === undefined) {
    throw new LocalError('invalid_option', 'Give --postgres-url, the URL of a superuser of a running PostgreSQL.');
  }
  return {
    postgresUrl: flags.postgresUrl,
    port: flags.port,
    host: flags.host,
    createUsers: flags.createUsers,
    readAllData: flags.readAllData,
    notFoundStatus: flags.notFoundStatus,
    requireSignature: flags.requireSignature ?? false,
    allowMultipleStatements: flags.allowMultipleStatements ?? false,
    controlEndpoints: flags.control ?? false,
    ...(flags.journal === undefined ? {} : { journal: flags.journal }),
    onInternalError: (error) => process.stderr.write(`redshift-data-local: ${(error as Error).stack}\n`),
    faults: {
      connectDelayMs: flags.connectDelayMs,
      pickDelayMs: flags.pickDelayMs,
      throttle: flags.throttle,
      disguiseThrottles: flags.disguiseThrottles ?? false,
      loseSessionAfterMs: flags.loseSessionAfterMs,
      ...(flags.dropResponse === undefined ? {} : { dropResponses: flags.dropResponse }),
    },
    ...(flags.limit === undefined ? {} : { limits: flags.limit }),
    ...(flags.target === undefined ? {} : { targets: flags.target }),
    ...(flags.principal === undefined ? {} : { principals: flags.principal }),
    ...(flags.secret === undefined ? {} : { secrets: flags.secret }),
    ...(flags.databaseUser === undefined ? {} : { databaseUsers: flags.databaseUser }),
  };
}

function pointing(url: string): string {
  return `Point clients at it (any region and any credentials do):
  AWS SDKs    AWS_ENDPOINT_URL_REDSHIFT_DATA=${url}, or the client's endpoint option
  AWS CLI     aws redshift-data --endpoint-url ${url} execute-statement …
  boto3       boto3.client("redshift-data", endpoint_url="${url}")`;
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It must be a whole number, 0 or more.');
  return Number(value);
}

function throttle(value: string): 'off' | 'published' | PerOperation {
  return value === 'off' || value === 'published' ? value : perOperation(value);
}

function perOperation(value: string): PerOperation {
  const counts: PerOperation = {};
  for (const pair of value.split(',')) {
    const [name = '', count = ''] = pair.split('=');
    if (!isOperationName(name)) throw new InvalidArgumentError(`"${name}" is no operation of the Data API.`);
    counts[name] = wholeNumber(count);
  }
  return counts;
}

function limit(value: string, limits: Partial<Limits> = {}): Partial<Limits> {
  const [name = '', amount = ''] = value.split('=');
  if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new InvalidArgumentError(`"${name}" is no limit.`);
  return { ...limits, [name]: wholeNumber(amount) };
}

function pair(value: string, pairs: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = value.startsWith('arn:') ? value.lastIndexOf('=') : value.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It must have the form name=value.');
  return { ...pairs, [value.slice(0, at)]: value.slice(at + 1) };
}

function principal(
  value: string,
  principals: Readonly<Record<string, PrincipalSettings>> = {},
): Readonly<Record<string, PrincipalSettings>> {
  const [, key, account, role, userId] = /^([^=]+)=([^/]+)\/([^/]+)(?:\/(.+))?$/.exec(value) ?? [];
  if (key === undefined || account === undefined || role === undefined) {
    throw new InvalidArgumentError('It must have the form accesskey=account/role or accesskey=account/role/user.');
  }
  return { ...principals, [key]: { account, role, ...(userId === undefined ? {} : { userId }) } };
}

function collect(value: string, all: readonly string[] = []): readonly string[] {
  return [...all, value];
}
