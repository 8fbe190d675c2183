#!/usr/bin/env node
import { ConfigError } from '@mooring/environment-config';
import { USAGE, readCommand } from './command/command-line.ts';
import type { Command } from './command/command-line.ts';
import { UnknownTaskError, runOnce } from './command/run-once.ts';
import { serve } from './serve.ts';

const WRONG_USAGE = 2;

/** Undefined while it serves. */
async function run(command: Command): Promise<number | undefined> {
  switch (command.kind) {
    case 'help':
      process.stdout.write(USAGE);
      return 0;
    case 'wrong':
      process.stderr.write(`${command.fault}\n\n${USAGE}`);
      return WRONG_USAGE;
    case 'once': {
      const stop = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
      return (await runOnce({ ...command, terminal: process.stderr, signal: stop.signal })) ? 0 : 1;
    }
    default:
      await serve();
      return undefined;
  }
}

try {
  const code = await run(readCommand(process.argv.slice(2)));
  if (code !== undefined) process.exit(code);
} catch (error) {
  const reason =
    error instanceof Error
      ? error instanceof ConfigError || error instanceof UnknownTaskError
        ? error.message
        : `${error.name}: ${error.message}`
      : 'unknown';
  process.stderr.write(`cleanup-worker did not start. ${reason}\n`);
  process.exit(error instanceof UnknownTaskError ? WRONG_USAGE : 1);
}
