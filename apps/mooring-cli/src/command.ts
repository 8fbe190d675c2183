import type { Environment } from '@mooring/environment-config';
import type { Clock } from '@mooring/session-store';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { EXIT } from './errors.ts';
import type { ExitCode } from './errors.ts';
import { Output } from './terminal/output.ts';
import type { Streams } from './terminal/streams.ts';

/** What a command works with. */
export interface CommandContext {
  readonly env: Environment;
  readonly streams: Streams;
  /** Aborts when the person who waits does not want to any more. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Of Node.js, such as `20.19.0`. */
  readonly nodeVersion: string;
  readonly output: Output;
}

export interface ProgramContext extends Omit<CommandContext, 'output'> {
  /** How the command ended; 0 of one that does not say. */
  readonly ended: (code: ExitCode) => void;
}

/** Gives a command its options, arguments and action, or those of its own commands. */
export type CommandSetUp = (command: Command, context: ProgramContext) => void;

type Action<Options> = (context: CommandContext, options: Options, args: string[]) => Promise<ExitCode | void>;

/** Gives a command its action, and `--json`. */
export function action<Options extends object>(
  command: Command,
  context: ProgramContext,
  act: Action<Options>,
): Command {
  command.option('--json', 'print one JSON document');
  return command.action(async () => {
    const options = command.opts<Options & { json?: boolean }>();
    const output = new Output(context.streams, options.json === true);
    context.ended((await act({ ...context, output }, options, command.args)) ?? EXIT.done);
  });
}

/** For an option that takes a whole number. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
  };
}

export function repeated(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
