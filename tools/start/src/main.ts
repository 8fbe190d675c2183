import { ServiceError } from '@mooring/services';
import { describeOptions, isRunByNpm, readConfig } from './config.ts';
import { StartError } from './errors.ts';
import { describeStack } from './examples.ts';
import { startProgress } from './progress.ts';
import { Shutdown } from './shutdown.ts';
import { startStack } from './stack.ts';

const PARENT_WATCH_MS = 250;

function print(text: string): void {
  process.stdout.write(text);
}

/** What a person has to know: a failure that was foreseen explains itself, another needs its stack. */
function describeFailure(error: unknown): string {
  if (error instanceof StartError || error instanceof ServiceError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** npm passes a SIGTERM on to its shell only, and the shell to nobody. */
function onParentEnd(ended: () => void): void {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    ended();
  }, PARENT_WATCH_MS);
  timer.unref();
}

/** @returns the exit code: 0 when it was asked to end, 2 for wrong options, 1 for any other failure */
async function main(): Promise<number> {
  const progress = startProgress(print);
  const shutdown = new Shutdown();
  const stopping = new AbortController();
  // Whoever read this may be gone by the time of the last lines.
  process.stdout.on('error', () => undefined);
  const asked = new Promise<string>((resolve) => {
    const stop = (reason: string): void => {
      if (stopping.signal.aborted) return;
      stopping.abort(new StartError('stopped', `stopped by ${reason}`));
      resolve(reason);
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(name));
    if (isRunByNpm(process.env)) onParentEnd(() => stop('the end of npm'));
  });
  try {
    const config = readConfig(process.argv.slice(2), process.env);
    if (config === 'help') {
      print(`${describeOptions()}\n`);
      return 0;
    }
    const stack = await startStack(config, shutdown, progress, stopping.signal);
    print(describeStack(stack));
    progress('Everything is up. Ctrl-C ends all of it.');
    const end = await Promise.race([asked, stack.failed]);
    if (end instanceof StartError) throw end;
    progress(`${end}: ending everything …`);
    return 0;
  } catch (error) {
    if (stopping.signal.aborted) {
      progress((stopping.signal.reason as Error).message);
      return 0;
    }
    print(`\n${describeFailure(error)}\n`);
    return error instanceof StartError && error.code === 'bad_option' ? 2 : 1;
  } finally {
    await shutdown.run(progress);
    if (stopping.signal.aborted) progress('Everything has ended.');
  }
}

process.exitCode = await main();
