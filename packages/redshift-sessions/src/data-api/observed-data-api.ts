import { DataApiError } from './data-api-error.ts';
import type { DataApi } from './data-api.ts';

/**
 * Runs a call of the Data API, which it may time or trace, and answers what the call does. `operation` is the service's
 * name of it, such as `ExecuteStatement`.
 */
export type CallObserver = <Answer>(operation: string, call: () => Promise<Answer>) => Promise<Answer>;

/** The same API, each of whose calls goes through the observer. */
export function observedDataApi(api: DataApi, observe: CallObserver): DataApi {
  return {
    execute: (...call) => observe('ExecuteStatement', () => api.execute(...call)),
    executeBatch: (...call) => observe('BatchExecuteStatement', () => api.executeBatch(...call)),
    describe: (...call) => observe('DescribeStatement', () => api.describe(...call)),
    result: (...call) => observe('GetStatementResult', () => api.result(...call)),
    cancel: (...call) => observe('CancelStatement', () => api.cancel(...call)),
    findStatements: (...call) => observe('ListStatements', () => api.findStatements(...call)),
    findSession: (...call) => observe('ListSessions', () => api.findSession(...call)),
    listSessions: (...call) => observe('ListSessions', () => api.listSessions(...call)),
  };
}

/** How calls are measured and traced; `callMetrics` of `@mooring/nest-runtime` takes it. */
export const DATA_API_CALLS = {
  name: 'mooring_warehouse_call_duration_seconds',
  help: 'Time of a call of the Data API, with waits for the quota and long polls. outcome: ok, or the failure.',
  service: 'Redshift Data',
  attributes: (operation: string) => ({
    'rpc.system': 'aws-api',
    'rpc.service': 'Redshift Data',
    'rpc.method': operation,
  }),
  failureOf: (error: unknown): string => (error instanceof DataApiError ? error.failure : 'unexpected'),
};
