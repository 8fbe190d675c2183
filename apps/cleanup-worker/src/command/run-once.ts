import { bootJob, createLogger } from '@mooring/nest-runtime';
import { startOrExplain } from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import { Clock, systemClock } from '@mooring/session-store';
import { LOGGED_FIELDS } from '../audit-log.ts';
import { CleanupWorkerModule, checksOf } from '../cleanup-worker-module.ts';
import { readConfig } from '../config.ts';
import { TaskRunner } from '../runs/task-runner.ts';
import { TASKS } from '../tasks-controller.ts';
import type { Task } from '../tasks/task.ts';
import { TerminalProgress } from './terminal-progress.ts';
import type { Terminal } from './terminal-progress.ts';

export interface OnceOptions {
  readonly dryRun: boolean;
  /** Names; none for all of them. */
  readonly tasks: readonly string[];
  readonly terminal: Terminal;
  /** Ends the tasks after what they are at. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** A name of a task that there is none of. */
export class UnknownTaskError extends Error {
  override readonly name = 'UnknownTaskError';
  readonly code = 'unknown_task';
}

const KEPT_ALIVE_MS = 60_000;

/**
 * Runs each task once, one after the other. A task that another process is at is waited for while that one may be dead, and
 * then left to it. False when a task failed or was stopped.
 *
 * @throws ConfigError with every fault of the environment; UnknownTaskError
 */
export async function runOnce(options: OnceOptions, env?: Environment): Promise<boolean> {
  const { dryRun, signal, clock = systemClock } = options;
  const { config, secrets } = readConfig(env);
  const level = options.terminal.isTTY === true ? 'warn' : config.server.logLevel;
  const start = () =>
    bootJob({
      name: 'cleanup-worker',
      module: CleanupWorkerModule.withConfig(config, clock),
      logger: createLogger({ name: 'cleanup-worker', level, secrets, fields: LOGGED_FIELDS }),
    });
  const job = await startOrExplain(start, checksOf(config));
  // Neither a pause nor an idle connection need keep a process alive.
  const alive = setInterval(() => undefined, KEPT_ALIVE_MS);
  const stop = (): void => job.lifecycle.beginDrain();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const runner = job.context.get(TaskRunner, { strict: false });
    const progress = new TerminalProgress(options.terminal);
    let isClean = true;
    for (const task of chosen(job.context.get<readonly Task[]>(TASKS, { strict: false }), options.tasks)) {
      progress.begin(task.name);
      const run = await runner.runOnce(task, clock.now() + 2 * config.sweep.options.leaseTtlMs, {
        trigger: 'once',
        dryRun,
        onProgress: (made) => progress.progress(task.name, made),
      });
      progress.end(task.name, run);
      isClean &&= run !== undefined && !['failed', 'aborted', 'running', 'waiting'].includes(run.record.status);
    }
    return isClean;
  } finally {
    signal.removeEventListener('abort', stop);
    await job.close();
    clearInterval(alive);
  }
}

function chosen(tasks: readonly Task[], names: readonly string[]): readonly Task[] {
  const unknown = names.find((name) => !tasks.some((task) => task.name === name));
  if (unknown !== undefined) {
    const known = tasks.map(({ name }) => name).join(', ');
    throw new UnknownTaskError(`There is no task ${unknown}. There are: ${known}.`);
  }
  return names.length === 0 ? tasks : tasks.filter(({ name }) => names.includes(name));
}
