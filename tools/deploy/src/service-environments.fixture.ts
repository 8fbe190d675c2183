import { readConfig as authApi } from '@mooring/auth-api/configuration';
import { readConfig as cleanupWorker } from '@mooring/cleanup-worker/configuration';
import { readConfig as queryApi } from '@mooring/query-api/configuration';
import { readText } from './deployment-files.fixture.ts';
import type { ServiceName } from './deployment-files.fixture.ts';

export type Environment = Readonly<Record<string, string>>;

const READERS = { 'auth-api': authApi, 'query-api': queryApi, 'cleanup-worker': cleanupWorker };
/** Generated from the same schemas. */
const REFERENCES = {
  'auth-api': 'auth-api-config.md',
  'query-api': 'config.md',
  'cleanup-worker': 'cleanup-worker-config.md',
};
/** What the image sets, before anything else. */
const IMAGE = { NODE_ENV: 'production', MOORING_HOST: '0.0.0.0' };
/** Read by the AWS SDK, not by the services. */
const OF_THE_SDK = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ROLE_SESSION_NAME'];

/** What a service says of an environment at its start; empty when it starts. Names that nobody reads are faults, too. */
export function environmentFaults(service: ServiceName, env: Environment): string[] {
  const reference = readText(`../../docs/reference/${REFERENCES[service]}`);
  const known = new Set([...[...reference.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name), ...OF_THE_SDK]);
  const faults = Object.keys(env).flatMap((name) => (known.has(name) ? [] : [`${name} is read by nobody`]));
  try {
    READERS[service]({ ...IMAGE, ...env });
  } catch (error) {
    faults.push(error instanceof Error ? error.message : 'unknown');
  }
  return faults;
}
