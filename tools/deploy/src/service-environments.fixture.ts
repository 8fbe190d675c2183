import * as authApi from '@mooring/auth-api';
import * as cleanupWorker from '@mooring/cleanup-worker';
import { describeConfig } from '@mooring/environment-config';
import * as queryApi from '@mooring/query-api';
import type { ServiceName } from './deployment-files.fixture.ts';

export type Environment = Readonly<Record<string, string>>;

const CONFIGURATIONS = { 'auth-api': authApi, 'query-api': queryApi, 'cleanup-worker': cleanupWorker };
/** What the image sets, before anything else. */
const IMAGE = { NODE_ENV: 'production', MOORING_HOST: '0.0.0.0' };
/** Read by the AWS SDK, not by the services. */
const OF_THE_SDK = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ROLE_SESSION_NAME'];

/** What a service says of an environment at its start; empty when it starts. Names that nobody reads are faults, too. */
export function environmentFaults(service: ServiceName, env: Environment): string[] {
  const { configSchema, readConfig } = CONFIGURATIONS[service];
  const known = new Set([...describeConfig(configSchema).map(({ variable }) => variable), ...OF_THE_SDK]);
  const faults = Object.keys(env).flatMap((name) => (known.has(name) ? [] : [`${name} is read by nobody`]));
  try {
    readConfig({ ...IMAGE, ...env });
  } catch (error) {
    faults.push(error instanceof Error ? error.message : 'unknown');
  }
  return faults;
}
