import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AwsDataApi, CallRate, createDataApiClient } from '@mooring/redshift-sessions';
import type { DataApi } from '@mooring/redshift-sessions';
import { systemClock } from '@mooring/session-store';
import type { QueryApiConfig } from './config.ts';
import { noWarehouse } from './warehouse-target.ts';

export type WarehouseApi = DataApi;
export const WarehouseApi = Symbol('WarehouseApi');

const refuse = async (): Promise<never> => {
  throw noWarehouse();
};

/** Of a process without a warehouse, for queries that another one has sent to a warehouse. */
const NO_DATA_API: DataApi = {
  execute: refuse,
  executeBatch: refuse,
  describe: refuse,
  result: refuse,
  cancel: refuse,
  findStatements: refuse,
  findSession: refuse,
  listSessions: refuse,
};

/** The Data API: one client for all that this process asks of it, so that the account's quotas are counted once. */
@Module({})
export class WarehouseApiModule {
  static withConfig({ region, dataApi, warehouse }: QueryApiConfig): DynamicModule {
    const open = (): DataApi => {
      if (warehouse === undefined) return NO_DATA_API;
      const { endpoint, quotaShare } = dataApi;
      const client = createDataApiClient({ region, ...(endpoint === undefined ? {} : { endpoint }) });
      return new AwsDataApi(client, new CallRate(systemClock, quotaShare));
    };
    return {
      module: WarehouseApiModule,
      providers: [{ provide: WarehouseApi, useFactory: open }],
      exports: [WarehouseApi],
    };
  }
}
