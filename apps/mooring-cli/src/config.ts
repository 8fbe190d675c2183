import { catalogPlace } from '@mooring/engine-catalog';
import type { CatalogPlace } from '@mooring/engine-catalog';
import { environment, loadConfig, secretsOf } from '@mooring/environment-config';
import type { Environment } from '@mooring/environment-config';
import { selectBackend, storeFaults, storeOptionsOf, storeVariables } from '@mooring/nest-session-store';
import type { SessionStoreOptions } from '@mooring/nest-session-store';
import type { WarehousePlace } from '@mooring/redshift-sessions';
import { z } from 'zod';

const { secret, text, url } = environment;

/** What the services share: each of them has more, which is theirs. */
const schema = z
  .object({
    NODE_ENV: text().optional().describe('`production` refuses what only suits a laptop.'),
    ...storeVariables,
    AWS_REGION: text({ pattern: /^[a-z0-9-]+$/, takes: 'an AWS Region' })
      .default('us-east-1')
      .describe('Region of the warehouse, and of DynamoDB.'),
    AWS_ENDPOINT_URL_REDSHIFT_DATA: url(['http', 'https']).optional().describe('Another endpoint for the Data API.'),
    MOORING_WAREHOUSE_WORKGROUP: text().optional().describe('Name or ARN of a Redshift Serverless workgroup.'),
    MOORING_WAREHOUSE_CLUSTER: text().optional().describe('Identifier of a provisioned cluster.'),
    MOORING_DATA_DIR: text().optional().describe('Folder of embedded databases.'),
  })
  .superRefine((values, context) => {
    for (const { variable, message } of storeFaults(values)) {
      context.addIssue({ code: 'custom', path: [variable], message });
    }
    if (values.MOORING_WAREHOUSE_WORKGROUP !== undefined && values.MOORING_WAREHOUSE_CLUSTER !== undefined) {
      const message = 'must not be set beside MOORING_WAREHOUSE_WORKGROUP';
      context.addIssue({ code: 'custom', path: ['MOORING_WAREHOUSE_CLUSTER'], message });
    }
  })
  .transform((values) => {
    const { dynamodb, ...store } = storeOptionsOf(values);
    return {
      store: {
        ...store,
        ...(dynamodb === undefined ? {} : { dynamodb: { ...dynamodb, region: values.AWS_REGION } }),
        production: values.NODE_ENV === 'production',
      },
      region: values.AWS_REGION,
      dataApiEndpoint: values.AWS_ENDPOINT_URL_REDSHIFT_DATA,
      place: placeOf(values.MOORING_WAREHOUSE_WORKGROUP, values.MOORING_WAREHOUSE_CLUSTER),
      dataDir: values.MOORING_DATA_DIR,
      catalog: catalogPlace({
        url: values.DATABASE_URL,
        folder: values.MOORING_DATA_DIR,
        production: values.NODE_ENV === 'production',
      }),
    };
  });

export type StoreSettings = Omit<SessionStoreOptions, 'namespace'>;

export interface Config {
  readonly store: StoreSettings;
  readonly region: string;
  readonly dataApiEndpoint: string | undefined;
  readonly place: WarehousePlace | undefined;
  readonly dataDir: string | undefined;
  /** Undefined where the query API has it in memory. */
  readonly catalog: CatalogPlace | undefined;
}

/** Variables of services are let be: the environment may be of one of them. Throws a `ConfigError` with every fault. */
export function readConfig(env: Environment): Config {
  return loadConfig(schema, env, { foreign: ['MOORING_'] });
}

/** What of the environment must not be printed. */
export function secretsIn(env: Environment): string[] {
  return secretsOf(schema, env);
}

const tokenSchema = z.object({
  MOORING_TOKEN: secret(text()).optional().describe('The token that services are asked with.'),
});

export function readToken(env: Environment): string | undefined {
  return loadConfig(tokenSchema, env, { foreign: ['MOORING_'] }).MOORING_TOKEN;
}

/** Whether what is in the store is in this process alone: then there is nothing that a command could see of it. */
export function isOfOneProcess(store: StoreSettings): boolean {
  return selectBackend(store).name === 'memory';
}

function placeOf(workgroup: string | undefined, cluster: string | undefined): WarehousePlace | undefined {
  if (workgroup !== undefined) return { workgroupName: workgroup };
  return cluster === undefined ? undefined : { clusterIdentifier: cluster };
}
