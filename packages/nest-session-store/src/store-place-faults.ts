import type { ConfigFault } from '@mooring/environment-config';
import { StoreError } from '@mooring/session-store';
import { schemaTrouble } from '@mooring/session-store/adapter';
import { explainStoreError } from './explain-store-error.ts';
import { inspectStore } from './inspect-store.ts';
import { openStore } from './open-store.ts';
import type { StoreLog } from './open-store.ts';
import { selectBackend } from './options.ts';
import type { BackendName, SessionStoreOptions } from './options.ts';
import { serverPlace } from './server-place.ts';
import type { ServerPlace } from './server-place.ts';

const UNHEARD: StoreLog = { log: () => undefined, warn: () => undefined };

/**
 * Opens each store that the options name, and closes it again: what is in the way of a start. PostgreSQL and Redis are
 * looked at by themselves, also where Redis has but copies and is not needed for a start.
 */
export async function storePlaceFaults(options: SessionStoreOptions): Promise<ConfigFault[]> {
  const { name } = selectBackend(options);
  const backends: readonly BackendName[] = name === 'failover' ? ['postgres', 'redis'] : [name];
  const found = await Promise.all(backends.map((backend) => faultOf({ ...options, backend }, backend)));
  return found.filter((fault) => fault !== undefined);
}

async function faultOf(options: SessionStoreOptions, backend: BackendName): Promise<ConfigFault | undefined> {
  try {
    const opened = await openStore(options, UNHEARD);
    await opened.backend.close();
    return undefined;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const place = serverPlace(options, backend);
    const schema = lacksPrivilege(error) ? await schemaFaultOf(options, place) : undefined;
    if (schema !== undefined) return schema;
    const { problem, remedy } = explainStoreError(error, place);
    return { variable: place.variable, problem, remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}` };
  }
}

const PART = 'sessions';

function lacksPrivilege({ cause }: StoreError): boolean {
  return (cause as { readonly sqlState?: string } | undefined)?.sqlState === '42501';
}

async function schemaFaultOf(
  options: SessionStoreOptions,
  { variable }: ServerPlace,
): Promise<ConfigFault | undefined> {
  const { database } = await inspectStore(options);
  if (database === undefined || database instanceof StoreError) return undefined;
  const trouble = schemaTrouble(PART, database.schema);
  return trouble === undefined ? undefined : { variable, part: PART, ...trouble };
}
