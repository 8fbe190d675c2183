import type { Environment } from '@mooring/environment-config';
import type { Clock } from '@mooring/session-store';
import { run } from './run.ts';
import { capturedStreams } from './terminal/streams.fixture.ts';

export interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
  /** The one document of `--json`. */
  readonly json: Record<string, unknown>;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly nodeVersion?: string;
  readonly typed?: string;
  readonly isTTY?: boolean;
}

/** Runs a command line, its words separated by blanks or given one by one, in this process. */
export async function runLine(
  line: string | readonly string[],
  env: Environment = {},
  { signal = new AbortController().signal, clock, nodeVersion, ...given }: RunOptions = {},
): Promise<Ended> {
  const streams = capturedStreams(given);
  const words = typeof line === 'string' ? line.split(' ').filter(Boolean) : line;
  const code = await run(words, env, {
    streams,
    signal,
    ...(clock === undefined ? {} : { clock }),
    ...(nodeVersion === undefined ? {} : { nodeVersion }),
  });
  const output = streams.output.text;
  return {
    code,
    output,
    errors: streams.errors.text,
    get json() {
      return JSON.parse(output) as Record<string, unknown>;
    },
  };
}
