import { buildProjects, runProgram, startService } from '@mooring/services';
import type { RunningProgram, ServiceProcess } from '@mooring/services';

const SCRIPT = 'apps/auth-api/dist/main.js';

type Environment = Readonly<Record<string, string>>;

/** Brings dist up to date with the sources: specs run real processes. */
export function build(): Promise<void> {
  return buildProjects('apps/auth-api');
}

/** Starts the service and waits until it is ready. */
export function startAuthApi(env: Environment, port?: number): Promise<ServiceProcess> {
  return startService({ script: SCRIPT, env, readyPath: '/health/ready', ...(port === undefined ? {} : { port }) });
}

/** Runs it without waiting for anything. */
export function startUnready(env: Environment): RunningProgram {
  return runProgram({ script: SCRIPT, env });
}
