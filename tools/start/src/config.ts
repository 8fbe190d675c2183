import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { StartError } from './errors.ts';

export interface StartConfig {
  /** Port of the query API. */
  readonly port: number;
  readonly authPort: number;
  readonly workerPort: number;
  readonly warehousePort: number;
  /** 0: a free one. */
  readonly postgresPort: number;
  /** Absolute path of the folder that everything is kept in. */
  readonly dataDir: string;
  /** How long the warehouse takes to open a connection. */
  readonly connectDelayMs: number;
  /** Flights to load, of the three million there are. */
  readonly flights: number;
  /** Whether there is one beside the embedded engine. */
  readonly warehouse: boolean;
}

type Valued = Exclude<keyof StartConfig, 'warehouse'>;

interface Setting {
  readonly flag: string;
  readonly variable: string;
  readonly fallback: string;
  readonly takes: string;
  readonly text: string;
}

const SETTINGS = {
  port: {
    flag: 'port',
    variable: 'MOORING_START_PORT',
    fallback: '8000',
    takes: '<port>',
    text: 'the query API',
  },
  authPort: {
    flag: 'auth-port',
    variable: 'MOORING_START_AUTH_PORT',
    fallback: '8001',
    takes: '<port>',
    text: 'the auth API',
  },
  workerPort: {
    flag: 'worker-port',
    variable: 'MOORING_START_WORKER_PORT',
    fallback: '8002',
    takes: '<port>',
    text: 'the cleanup worker',
  },
  warehousePort: {
    flag: 'warehouse-port',
    variable: 'MOORING_START_WAREHOUSE_PORT',
    fallback: '8003',
    takes: '<port>',
    text: 'redshift-data-local, the warehouse',
  },
  postgresPort: {
    flag: 'postgres-port',
    variable: 'MOORING_START_POSTGRES_PORT',
    fallback: '0',
    takes: '<port>',
    text: 'the PostgreSQL below all of them; 0 picks a free one',
  },
  dataDir: {
    flag: 'data-dir',
    variable: 'MOORING_START_DATA_DIR',
    fallback: '.mooring/start',
    takes: '<folder>',
    text: 'where everything is kept; the default is in the clone',
  },
  connectDelayMs: {
    flag: 'connect-delay-ms',
    variable: 'MOORING_START_CONNECT_DELAY_MS',
    fallback: '250',
    takes: '<ms>',
    text: 'how long the warehouse takes to open a connection',
  },
  flights: {
    flag: 'flights',
    variable: 'MOORING_START_FLIGHTS',
    fallback: '3000000',
    takes: '<rows>',
    text: 'how many flights a new folder gets, 1000 to 3000000',
  },
} as const satisfies Record<Valued, Setting>;

const WITHOUT_WAREHOUSE = { flag: 'no-warehouse', variable: 'MOORING_START_NO_WAREHOUSE' } as const;

const CLONE = fileURLToPath(new URL('../../..', import.meta.url));

/** The option and the variable that set something, for messages. */
export function nameSetting(name: Valued): string {
  const { flag, variable } = SETTINGS[name];
  return `--${flag} or ${variable}`;
}

export function nameFlag(name: Valued): string {
  return `--${SETTINGS[name].flag}`;
}

export function describeOptions(): string {
  const rows = Object.values(SETTINGS).map(({ flag, takes, text, variable, fallback }) => ({
    left: `  --${flag} ${takes}`,
    right: `${text} (default ${fallback}; ${variable})`,
  }));
  const { flag, variable } = WITHOUT_WAREHOUSE;
  rows.push(
    { left: `  --${flag}`, right: `the embedded engine alone, and three services (${variable}=true)` },
    { left: '  --help', right: 'this text' },
  );
  const width = Math.max(...rows.map(({ left }) => left.length)) + 2;
  return [
    'Starts PostgreSQL, a local warehouse and an embedded engine with real data, and the three services. Ctrl-C ends all of it.',
    '',
    'npm start -- [options]',
    '',
    ...rows.map(({ left, right }) => left.padEnd(width) + right),
  ].join('\n');
}

/**
 * Options of the command line first, then the environment, then defaults.
 * @param directory what a folder that is given is relative to: where npm was called
 * @returns `help` when that was asked for
 * @throws StartError `bad_option`, with every fault
 */
export function readConfig(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  directory: string = env['INIT_CWD'] ?? process.cwd(),
): StartConfig | 'help' {
  const given = readArguments(args);
  if (given['help'] === true) return 'help';
  const faults: string[] = [];
  const valueOf = (name: Valued): { text: string; from: string; isDefault?: boolean } => {
    const { flag, variable, fallback } = SETTINGS[name];
    const option = given[flag];
    if (typeof option === 'string') return { text: option.trim(), from: `--${flag}` };
    const set = env[variable]?.trim();
    if (set !== undefined && set !== '') return { text: set, from: variable };
    return { text: fallback, from: `--${flag}`, isDefault: true };
  };
  const whole = (name: Valued, least: number, most: number): number => {
    const { text, from } = valueOf(name);
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
      faults.push(`${from} must be a whole number from ${least} to ${most}, not "${text}"`);
    }
    return value;
  };
  const isSet = (variable: string): boolean => {
    const text = env[variable]?.trim() ?? '';
    if (!['', 'true', 'false'].includes(text)) faults.push(`${variable} must be true or false, not "${text}"`);
    return text === 'true';
  };
  const dataDir = valueOf('dataDir');
  if (dataDir.text === '') faults.push(`${dataDir.from} must name a folder`);
  const config: StartConfig = {
    port: whole('port', 1, 65_535),
    authPort: whole('authPort', 1, 65_535),
    workerPort: whole('workerPort', 1, 65_535),
    warehousePort: whole('warehousePort', 1, 65_535),
    postgresPort: whole('postgresPort', 0, 65_535),
    dataDir: resolve(dataDir.isDefault === true ? CLONE : directory, dataDir.text),
    connectDelayMs: whole('connectDelayMs', 0, 60_000),
    flights: whole('flights', 1_000, 3_000_000),
    warehouse: given[WITHOUT_WAREHOUSE.flag] !== true && !isSet(WITHOUT_WAREHOUSE.variable),
  };
  const { port, authPort, workerPort, warehousePort, postgresPort } = config;
  const all = [port, authPort, workerPort, postgresPort, ...(config.warehouse ? [warehousePort] : [])];
  const ports = all.filter((taken) => taken > 0);
  if (new Set(ports).size < ports.length) faults.push('the ports must differ from each other');
  if (faults.length > 0) throw badOption(faults.join('; '));
  return config;
}

function readArguments(args: readonly string[]): Record<string, unknown> {
  const flags = Object.values(SETTINGS).map(({ flag }) => [flag, { type: 'string' as const }]);
  const switches = { [WITHOUT_WAREHOUSE.flag]: { type: 'boolean' as const } };
  const options = { ...Object.fromEntries(flags), ...switches, help: { type: 'boolean' as const, short: 'h' } };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw badOption((error as Error).message.split('. ')[0] ?? 'unknown option');
  }
}

function badOption(faults: string): StartError {
  return new StartError('bad_option', `${faults}. All options: npm start -- --help`);
}

const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'SystemRoot'];

/** What services get of this process's environment: nothing that could configure them. */
export function readPassedOn(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const entries = PASSED_ON.map((name) => [name, env[name]] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Whether npm runs this, by a shell of its own, which it does not take down in order. */
export function isRunByNpm(env: NodeJS.ProcessEnv): boolean {
  return env['npm_lifecycle_event'] !== undefined;
}
