import { ConfigError } from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { failed, ok, warning } from './finding.ts';
import type { Finding } from './finding.ts';

export const SERVICES = ['query-api', 'auth-api', 'cleanup-worker'] as const;
export type ServiceName = (typeof SERVICES)[number];

type ReadService = (env: Environment) => unknown;

/** As the service itself would read its environment at its start. */
const READERS: Readonly<Record<ServiceName, () => Promise<ReadService>>> = {
  'query-api': async () => (await import('@mooring/query-api/configuration')).readConfig,
  'auth-api': async () => (await import('@mooring/auth-api/configuration')).readConfig,
  'cleanup-worker': async () => (await import('@mooring/cleanup-worker/configuration')).readConfig,
};

const OWN_TOKEN = 'nothing here; where a service runs, remove it';

export interface ReadConfiguration {
  readonly findings: readonly Finding[];
  /** Undefined where what the services share has faults already. */
  readonly config: Config | undefined;
}

export async function configurationFindings(
  env: Environment,
  service: ServiceName | undefined,
): Promise<ReadConfiguration> {
  const shared = faultsOf(() => readConfig(env));
  const read = service === undefined ? undefined : await READERS[service]();
  const own = read === undefined ? [] : faultsOf(() => read(env));
  // A variable that both know is named once, as the service sees it.
  const variables = new Set(own.map(({ variable }) => variable));
  const faults = [...own, ...shared.filter(({ variable }) => !variables.has(variable))];
  const findings = faults.map(({ variable, problem, remedy }) =>
    variable === 'MOORING_TOKEN'
      ? warning('configuration', `${variable} is of this command line, and no service starts with it`, OWN_TOKEN)
      : failed('configuration', `${variable} ${problem}`, remedy),
  );
  const good = service === undefined ? 'what the services share is well-formed' : `${service} would take it`;
  return {
    findings: findings.length > 0 ? findings : [ok('configuration', good)],
    config: shared.length > 0 ? undefined : readConfig(env),
  };
}

function faultsOf(read: () => unknown): ConfigError['faults'] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
}
