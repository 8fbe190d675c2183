import { tokenForm } from '@mooring/nest-access';
import { bootService, createLogger } from '@mooring/nest-runtime';
import { portFaults, startOrExplain } from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import type { RunningService } from '@mooring/nest-runtime';
import type { Clock } from '@mooring/session-store';
import { LOGGED_FIELDS } from './audit-log.ts';
import { CleanupWorkerModule, checksOf } from './cleanup-worker-module.ts';
import { readConfig } from './config.ts';
import { problems } from './problems.ts';
import { TaskSchedules } from './schedule/task-schedules.ts';

export const API = {
  title: 'Mooring cleanup worker',
  description: 'Lets go of what is dead, on time.',
  version: '1',
  bearer: true,
} as const;

/** A request has a name and a flag. */
const BODY_LIMIT_BYTES = 4096;

/** Starts the service as the environment says. Throws a `ConfigError` with every fault of it, and of where it leads to. */
export async function serve(
  env?: Environment,
  { handleSignals = true, clock }: { readonly handleSignals?: boolean; readonly clock?: Clock } = {},
): Promise<RunningService> {
  const { config, secrets } = readConfig(env);
  const { server, tokens } = config;
  const secretForms = [tokenForm(tokens)];
  const start = () =>
    bootService({
      name: 'cleanup-worker',
      module: CleanupWorkerModule.withConfig(config, clock),
      logger: createLogger({
        name: 'cleanup-worker',
        level: server.logLevel,
        secrets,
        secretForms,
        fields: LOGGED_FIELDS,
      }),
      problems,
      api: API,
      host: server.host,
      port: server.port,
      bodyLimitBytes: BODY_LIMIT_BYTES,
      shutdown: server.shutdown,
      handleSignals,
    });
  const service = await startOrExplain(start, [...checksOf(config), () => portFaults('MOORING_PORT', server)]);
  service.app.get(TaskSchedules, { strict: false }).start();
  return service;
}
