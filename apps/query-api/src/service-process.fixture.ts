import { buildProjects, runProgram, startService } from '@mooring/services';
import type { RunningProgram, ServiceProcess } from '@mooring/services';

const SCRIPT = 'apps/query-api/dist/main.js';

type Environment = Readonly<Record<string, string>>;

/** Brings dist up to date with the sources: specs run real processes. */
export function build(): Promise<void> {
  return buildProjects('apps/query-api');
}

/** Starts the service and waits until it is ready. */
export function startQueryApi(env: Environment): Promise<ServiceProcess> {
  return startService({ script: SCRIPT, env, readyPath: '/health/ready' });
}

/** Runs it without waiting for anything. */
export function startUnready(env: Environment): RunningProgram {
  return runProgram({ script: SCRIPT, env });
}
