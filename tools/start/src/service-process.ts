import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Writable } from 'node:stream';
import { closeSync, existsSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { readPassedOn } from './config.ts';
import { StartError } from './errors.ts';

export interface ServiceCommand {
  /** As messages call it. */
  readonly title: string;
  /** Compiled JavaScript file. */
  readonly script: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Standard output and error go here. */
  readonly logFile: string;
  /** Answers 200 when the service is ready. */
  readonly readyUrl: string;
  readonly readyTimeoutMs: number;
  /** How long it may take to end before it is killed. */
  readonly stopTimeoutMs: number;
}

export interface ServiceProcess {
  readonly pid: number;
  /** Settles when the process ended without having been asked to, with the reason; never otherwise. */
  readonly failed: Promise<StartError>;
  /** Asks it to end and waits; one that takes too long is killed. */
  stop(): Promise<void>;
}

// Runs in each service before its own code. Its standard input is a pipe that closes when its owner ends, even when that
// is killed; then the service is asked to end as an operator would ask it.
const END_WITH_OWNER = `data:text/javascript,${encodeURIComponent(`
  process.stdin.on('error', () => undefined);
  process.stdin.once('end', () => process.kill(process.pid, 'SIGTERM'));
  process.stdin.resume();
  process.stdin.unref?.();
`)}`;
const POLL_MS = 50;
const LOG_TAIL_LINES = 15;

/**
 * Starts a service of the workspace as a process of its own, as production does, and waits until it is ready. It gets
 * only the given environment. It runs in its own process group, so that Ctrl-C reaches its owner alone, and ends when
 * its owner ends, however that happens.
 * @throws StartError `not_built`, `process_failed` or `not_ready`; nothing runs then
 */
export async function startService(command: ServiceCommand, signal: AbortSignal): Promise<ServiceProcess> {
  if (!existsSync(command.script)) {
    throw new StartError('not_built', `${command.script} is missing. Remedy: npm run build`);
  }
  const log = openSync(command.logFile, 'w');
  const args = ['--import', END_WITH_OWNER, command.script, ...(command.args ?? [])];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['pipe', log, log],
    env: { ...readPassedOn(), ...command.env },
  }) as ChildProcessByStdio<Writable, null, null>;
  closeSync(log);
  child.stdin.on('error', () => undefined);
  let stopping = false;
  let end: string | undefined;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, by) => resolve(by === null ? `ended with exit code ${code}` : `was ended by ${by}`));
  });
  void ended.then((how) => (end = how));
  const failed = new Promise<StartError>((resolve) => {
    void ended.then(async (how) => {
      if (!stopping) resolve(new StartError('process_failed', await describeEnd(command, how)));
    });
  });
  const stop = async (): Promise<void> => {
    stopping = true;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), command.stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  };
  try {
    await waitUntilReady(command, () => end !== undefined, signal);
  } catch (error) {
    const cause = end === undefined ? error : await failed;
    await stop();
    throw cause;
  }
  return { pid: child.pid as number, failed, stop };
}

async function waitUntilReady(command: ServiceCommand, hasEnded: () => boolean, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + command.readyTimeoutMs;
  let last = 'no answer';
  for (;;) {
    signal.throwIfAborted();
    try {
      const answer = await fetch(command.readyUrl, { signal: AbortSignal.timeout(10_000) });
      await answer.arrayBuffer();
      // A process that is about to end because its port is taken must not be told ready by who has the port.
      if (hasEnded()) throw new Error('ended');
      if (answer.ok) return;
      last = `status ${answer.status}`;
    } catch (error) {
      if (hasEnded()) throw error;
    }
    if (performance.now() > deadline) {
      throw new StartError(
        'not_ready',
        `${command.title} was not ready after ${command.readyTimeoutMs / 1000} s (${last} from ${command.readyUrl}).\n` +
          (await describeLog(command)),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

async function describeEnd(command: ServiceCommand, how: string): Promise<string> {
  return `${command.title} ${how}.\n${await describeLog(command)}`;
}

async function describeLog({ logFile }: ServiceCommand): Promise<string> {
  const text = (await readFile(logFile, 'utf8').catch(() => '')).trim();
  const lines = text.split('\n').slice(-LOG_TAIL_LINES);
  return text === '' ? `It wrote nothing to ${logFile}.` : `The end of ${logFile}:\n${lines.join('\n')}`;
}
