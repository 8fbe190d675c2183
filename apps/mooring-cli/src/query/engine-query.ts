import { CommandError } from '../errors.ts';
import type { ServiceClient } from '../services/service-client.ts';
import type { QueryRequest, QueryRun } from './warehouse-query.ts';
import type { JsonValue, QueryResult } from './query-result.ts';

interface SqlAnswer {
  readonly results: readonly {
    readonly schema: readonly { readonly name: string; readonly type: string }[];
    readonly rows: readonly (readonly JsonValue[])[];
    readonly rowCount: number;
    readonly truncated: boolean;
    readonly message: string | null;
    readonly queryId: string;
  }[];
}

export interface EngineRequest extends Omit<QueryRequest, 'parameters'> {
  readonly namespace?: string | undefined;
  /** Of `$1`, `$2`, …. */
  readonly values?: readonly string[] | undefined;
}

/** Runs statements on the engine, one after the other. One that is not waited for any more is cancelled by the service. */
export async function queryEngine(
  service: ServiceClient,
  { values, ...request }: EngineRequest,
  { signal, progress }: QueryRun,
): Promise<readonly QueryResult[]> {
  progress('running');
  const body = { ...request, ...(values === undefined ? {} : { parameters: values }) };
  try {
    const { results } = await service.ask<SqlAnswer>('POST', 'v1/sql', { body, signal });
    return results.map(({ schema, ...result }) => ({ ...result, columns: schema }));
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new CommandError({ code: 'statement_cancelled', message: 'The statement is cancelled.' });
  }
}
