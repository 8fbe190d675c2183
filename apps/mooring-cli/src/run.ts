import { Command, CommanderError } from 'commander';
import type { Environment } from '@mooring/environment-config';
import { systemClock } from '@mooring/session-store';
import type { Clock } from '@mooring/session-store';
import type { ProgramContext } from './command.ts';
import { doctorCommand } from './commands/doctor.ts';
import { migrateCommand } from './commands/migrate.ts';
import { poolCommands } from './commands/pool.ts';
import { queryCommand } from './commands/query.ts';
import { sessionsCommands } from './commands/sessions.ts';
import { sweepCommand } from './commands/sweep.ts';
import { usersCommands } from './commands/users.ts';
import { EXIT, wrongUsage } from './errors.ts';
import type { ExitCode } from './errors.ts';
import { exitCodeOf, failureOf, shownFailure } from './failure.ts';
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
  const ended = (given: ExitCode): void => {
    code = given;
  };
  try {
    await programOf({ env, streams, signal, clock, nodeVersion, ended }).parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError && HELPED.has(error.code))
      return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
    const cause = error instanceof CommanderError ? wrongUsage(sentence(error.message)) : error;
    const failure = failureOf(cause);
    const asJson = argv.includes('--json');
    const output = new Output(streams, asJson);
    if (asJson) output.result({ error: failure }, () => '');
    else output.note(shownFailure(failure));
    return exitCodeOf(cause);
  }
}

function programOf(context: ProgramContext): Command {
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
  doctorCommand(program, context);
  migrateCommand(program, context);
  sessionsCommands(program, context);
  poolCommands(program, context);
  sweepCommand(program, context);
  usersCommands(program, context);
  queryCommand(program, context);
  return program;
}

const ABOUT = `The configuration is in the environment, as the services have it. Data goes to the output, everything else to the
errors; with --json the output is one JSON document, of an error too. Exit codes: 0 done, 1 failed or found, 2 wrong usage.`;

/** Help was printed: it was asked for, or a command was not complete. */
const HELPED: ReadonlySet<string> = new Set(['commander.helpDisplayed', 'commander.help']);

/** As commander says it, for a person. */
function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replace('\n', ' ')
    .trim();
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.)?]$/.test(text) ? '' : '.'}`;
}
