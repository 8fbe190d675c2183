import { tokenForm } from '@mooring/nest-access';
import { bootService, createLogger } from '@mooring/nest-runtime';
import { portFaults, startOrExplain } from '@mooring/environment-config';
import type { ConfigCheck, Environment } from '@mooring/environment-config';
import type { RunningService } from '@mooring/nest-runtime';
import { storePlaceFaults } from '@mooring/nest-session-store';
import { AuthApiModule, storeOptions } from './auth-api-module.ts';
import { readConfig } from './config.ts';
import type { AuthApiConfig } from './config.ts';
import { INTROSPECTION_ROUTE } from './introspection-controller.ts';
import { problems } from './problems.ts';
import { usersFaults } from '@mooring/users';

export const API = {
  title: 'Mooring auth API',
  description: 'Log in on one instance, be known on every instance.',
  version: '1',
  bearer: true,
} as const;

/** Starts the service as the environment says. Throws a `ConfigError` with every fault of it, and of where it leads to. */
export async function serve(env?: Environment, handleSignals = true): Promise<RunningService> {
  const { config, secrets } = readConfig(env);
  const { server, allowedOrigins } = config;
  const start = () =>
    bootService({
      name: 'auth-api',
      module: AuthApiModule.withConfig(config),
      logger: createLogger({
        name: 'auth-api',
        level: server.logLevel,
        secrets,
        secretForms: [tokenForm(config.tokens)],
        fields: ['audit', 'users', 'userId', 'tenantId'],
      }),
      problems,
      api: API,
      host: server.host,
      port: server.port,
      bodyLimitBytes: server.bodyLimitBytes,
      formRoutes: [INTROSPECTION_ROUTE],
      ...(allowedOrigins.length === 0 ? {} : { crossOrigin: { origins: allowedOrigins } }),
      trustProxy: server.trustProxy,
      shutdown: server.shutdown,
      handleSignals,
    });
  return startOrExplain(start, checksOf(config));
}

/** What the service needs to start. */
function checksOf(config: AuthApiConfig): readonly ConfigCheck[] {
  const { server, users } = config;
  return [
    () => storePlaceFaults(storeOptions(config)),
    () => usersFaults(users),
    () => portFaults('MOORING_PORT', server),
  ];
}
