import { startService } from '@mooring/services';
import type { RunningEmulator } from './laboratory.ts';

/** Starts redshift-data-local as a process of its own, as its compiled command, so that it shares no event loop. */
export async function startEmulatorProcess(postgresUrl: string, connectDelayMs: number): Promise<RunningEmulator> {
  const service = await startService({
    script: 'packages/redshift-data-local/dist/cli.js',
    args: ['--postgres-url', postgresUrl, '--connect-delay-ms', String(connectDelayMs), '--control'],
    portAsArguments: (port) => ['--port', String(port)],
    readyPath: '/_local/stats',
  });
  return { endpoint: service.url, close: () => service.stop() };
}
