import { catalogFaults } from '@mooring/engine-catalog';
import { tokenForm } from '@mooring/nest-access';
import { bootService, createLogger } from '@mooring/nest-runtime';
import { folderFaults, portFaults, startOrExplain } from '@mooring/environment-config';
import type { ConfigCheck, Environment } from '@mooring/environment-config';
import type { RunningService } from '@mooring/nest-runtime';
import { storePlaceFaults } from '@mooring/nest-session-store';
import { usersFaults } from '@mooring/users';
import { readConfig } from './config.ts';
import type { QueryApiConfig } from './config.ts';
import { catalogPlaceOf } from './engine/open-engine.ts';
import { problems } from './problems.ts';
import { QueryApiModule, storeOptions } from './query-api-module.ts';
import { userDatabaseOf } from './users/known-users.ts';

export const API = {
  title: 'Mooring query API',
  description: 'Runs SQL on a data warehouse, on sessions that are open already, and on embedded data.',
  version: '1',
  bearer: true,
} as const;

/** Starts the service as the environment says. Throws a `ConfigError` with every fault of it, and of where it leads to. */
export async function serve(env?: Environment, handleSignals = true): Promise<RunningService> {
  const { config, secrets } = readConfig(env);
  const { server, tokens } = config;
  const secretForms = [tokenForm(tokens.options)];
  const start = () =>
    bootService({
      name: 'query-api',
      module: QueryApiModule.withConfig(config),
      logger: createLogger({
        name: 'query-api',
        level: server.logLevel,
        secrets,
        secretForms,
        fields: ['audit', 'engines'],
      }),
      problems,
      api: API,
      host: server.host,
      port: server.port,
      bodyLimitBytes: server.bodyLimitBytes,
      trustProxy: server.trustProxy,
      shutdown: server.shutdown,
      followRequests: false,
      handleSignals,
    });
  return startOrExplain(start, checksOf(config));
}

/** What the service needs to start. */
function checksOf(config: QueryApiConfig): readonly ConfigCheck[] {
  const { server, dataDir } = config;
  const users = userDatabaseOf(config);
  const catalog = catalogPlaceOf(config);
  return [
    () => storePlaceFaults(storeOptions(config)),
    ...(users === undefined ? [] : [() => usersFaults(users)]),
    ...(dataDir === undefined ? [] : [() => folderFaults('MOORING_DATA_DIR', dataDir)]),
    ...(catalog === undefined ? [] : [() => catalogFaults(catalog)]),
    () => portFaults('MOORING_PORT', server),
  ];
}
