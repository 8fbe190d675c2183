import { startServiceProcess } from '../process/service-process.ts';
import type { RunningEmulator } from './laboratory.ts';

/** Starts redshift-data-local as a process of its own, as its compiled command, so that it shares no event loop. */
export function startEmulatorProcess(postgresUrl: string, connectDelayMs: number): Promise<RunningEmulator> {
  const options = ['--postgres-url', postgresUrl, '--connect-delay-ms', String(connectDelayMs), '--control'];
  return startServiceProcess({
    name: 'redshift-data-local',
    script: 'packages/redshift-data-local/dist/cli.js',
    args: (port) => ['--port', String(port), ...options],
    readyPath: '/_local/stats',
  });
}
