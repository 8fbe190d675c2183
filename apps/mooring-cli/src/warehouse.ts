import { AwsDataApi, CallRate, PoolDrain, createDataApiClient } from '@mooring/redshift-sessions';
import type { Clock } from '@mooring/session-store';
import type { Config } from './config.ts';
import { CommandError, EXIT } from './errors.ts';
import { POOL_NAMESPACE, withStore } from './stores.ts';

/** Of the account's quotas: the services have the rest. */
const QUOTA_SHARE = 0.1;

/** The Data API as the environment names it. */
export async function withDataApi<T>(
  { region, dataApiEndpoint: endpoint }: Pick<Config, 'region' | 'dataApiEndpoint'>,
  clock: Clock,
  work: (api: AwsDataApi) => Promise<T>,
): Promise<T> {
  const client = createDataApiClient({ region, ...(endpoint === undefined ? {} : { endpoint }) });
  try {
    return await work(new AwsDataApi(client, new CallRate(clock, QUOTA_SHARE)));
  } finally {
    client.destroy();
  }
}

export interface PoolUse {
  readonly config: Config;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** The sessions of the warehouse that the services share. */
export async function withPool<T>({ config, clock, warn }: PoolUse, work: (pool: PoolDrain) => Promise<T>): Promise<T> {
  const { place, region, store: settings } = config;
  if (place === undefined) {
    throw new CommandError({
      code: 'no_warehouse',
      message: 'The environment names no warehouse.',
      remedy: 'set MOORING_WAREHOUSE_CLUSTER or MOORING_WAREHOUSE_WORKGROUP, and AWS_REGION, as the query API has them',
      exitCode: EXIT.wrongUsage,
    });
  }
  return withDataApi(config, clock, (api) =>
    withStore({ settings, namespace: POOL_NAMESPACE, warn }, ({ backend: { pool } }) =>
      work(new PoolDrain({ api, pool, place, region, clock, observer: { warning: warn } })),
    ),
  );
}
