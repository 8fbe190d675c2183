import { Command, CommanderError } from 'commander';
import type { Environment } from '@mooring/environment-config';
import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { CommandSetUp, ProgramContext } from './command.ts';
import { EXIT, wrongUsage } from './errors.ts';
import type { ExitCode } from './errors.ts';
import { Output } from './terminal/output.ts';
import type { Streams } from './terminal/streams.ts';

export interface Surroundings {
  readonly streams: Streams;
  /** Ends what is under way, as Ctrl-C does. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  /** Of Node.js. Default: this process's. */
  readonly nodeVersion?: string;
}

/** Runs one command line and answers its exit code. It neither rejects nor ends the process. */
export async function run(argv: readonly string[], env: Environment, surroundings: Surroundings): Promise<ExitCode> {
  const { streams, signal, clock = systemClock, nodeVersion = process.versions.node } = surroundings;
  let code: ExitCode = EXIT.done;
  let program: Command | undefined;
  const ended = (given: ExitCode): void => {
    code = given;
  };
  try {
    program = await programOf({ env, streams, signal, clock, nodeVersion, ended }, argv);
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && HELPED.has(error.code))
      return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    // It knows the errors of all packages, and with them the packages.
    const { exitCodeOf, failureOf, shownFailure } = await import('./failure.ts');
    const cause = error instanceof CommanderError ? wrongUsage(sentence(error.message), helpOn(program, argv)) : error;
    const failure = failureOf(cause);
    const asJson = argv.includes('--json');
    const output = new Output(streams, asJson);
    if (asJson) output.result({ error: failure }, () => '');
    else output.note(shownFailure(failure));
    return exitCodeOf(cause);
  }
}

interface CommandEntry {
  readonly name: string;
  readonly description: string;
  readonly load: () => Promise<CommandSetUp>;
}

/** Each is loaded when it is asked for: some bring an SDK with them. */
const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'doctor',
    description: 'looks at configuration, stores, schemas, clocks and AWS access, and says what to do',
    load: async () => (await import('./commands/doctor.ts')).doctorCommand,
  },
  {
    name: 'migrate',
    description: 'brings the tables of sessions, users and the catalog up to date, as each service does its own',
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  {
    name: 'sessions',
    description: 'sessions of users: list them, end them',
    load: async () => (await import('./commands/sessions.ts')).sessionsCommands,
  },
  {
    name: 'pool',
    description: 'warehouse sessions that the services share: list them, close them',
    load: async () => (await import('./commands/pool.ts')).poolCommands,
  },
  {
    name: 'sweep',
    description: 'deletes what is dead in the store, as the cleanup worker does every hour',
    load: async () => (await import('./commands/sweep.ts')).sweepCommand,
  },
  {
    name: 'users',
    description: 'users, at an auth API that runs, with its rights and its audit log',
    load: async () => (await import('./commands/users.ts')).usersCommands,
  },
  {
    name: 'query',
    description: 'runs a statement at a query API that runs, and shows its rows; Ctrl-C cancels it',
    load: async () => (await import('./commands/query.ts')).queryCommand,
  },
];

async function programOf(context: ProgramContext, argv: readonly string[]): Promise<Command> {
  const { output, errors } = context.streams;
  const program = new Command('mooring')
    .description('What an operator asks of Mooring, and does to it.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void output.write(text),
      writeErr: (text) => void errors.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => output.columns ?? 100,
      getErrHelpWidth: () => errors.columns ?? 100,
    })
    .addHelpText('after', `\n${ABOUT}`);
  for (const { name, description, load } of COMMANDS) {
    const command = program.command(name).description(description);
    if (argv.includes(name)) (await load())(command, context);
  }
  return program;
}

const ABOUT = `The configuration is in the environment, as the services have it. Data goes to the output, everything else to the
errors; with --json the output is one JSON document, of an error too. Exit codes: 0 done, 1 failed or found, 2 wrong usage.`;

/** Help was printed: it was asked for, or a command was not complete. */
const HELPED: ReadonlySet<string> = new Set(['commander.helpDisplayed', 'commander.help']);

/** What to ask for when a command line was not understood. */
function helpOn(program: Command | undefined, [first, second]: readonly string[]): string {
  const group = program?.commands.find((command) => command.name() === first);
  const command = group?.commands.find((one) => one.name() === second);
  const words = [group, command].flatMap((one) => (one === undefined ? [] : [one.name()]));
  return `${['npx mooring', ...words].join(' ')} --help lists what there is`;
}

/** As commander says it, for a person. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace('\n', ' ')
    .trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.)?]$/.test(text) ? '' : '.'}`;
}
