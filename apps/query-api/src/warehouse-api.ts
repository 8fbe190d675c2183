import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AwsDataApi, CallRate, createDataApiClient } from '@mooring/redshift-sessions';
import type { DataApi } from '@mooring/redshift-sessions';
import { systemClock } from '@mooring/session-store';
import type { QueryApiConfig } from './config.ts';

export type WarehouseApi = DataApi;
export const WarehouseApi = Symbol('WarehouseApi');

/** The Data API: one client for all that this process asks of it, so that the account's quotas are counted once. */
@Module({})
export class WarehouseApiModule {
  static withConfig({ warehouse }: QueryApiConfig): DynamicModule {
    const open = (): DataApi => {
      const { region, endpoint, quotaShare } = warehouse;
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
