import { expect, it } from '@jest/globals';
import * as api from './index.ts';

it('exports these names', () => {
  expect(Object.keys(api).sort()).toEqual([
    'AwsDataApi',
    'CallRate',
    'DATA_API_CALLS',
    'DEFAULTS',
    'DataApiError',
    'PUBLISHED_QUOTAS',
    'PinnedSession',
    'PoolDrain',
    'RunningStatement',
    'SessionReconciler',
    'Statement',
    'Warehouse',
    'WarehouseError',
    'createDataApiClient',
    'observedDataApi',
    'poolKeyOf',
    'targetName',
    'withoutSecrets',
  ]);
});
